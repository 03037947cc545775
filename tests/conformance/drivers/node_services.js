// A device on one of the official Node SDKs that uses small services; tells what happens in JSON lines on stdout.
//
// Runs in the SDK's own environment, which has nothing of ours. After login it sets two tags, deletes one of them and
// says so; where the SDK can, it serves calls of its service "state" (RRPC). Stops when stdin closes.
//
// usage: node node_services.js JSON with sdk, host, port, product_key, device_name, device_secret.
'use strict';

const config = JSON.parse(process.argv[2]);
const iot = require(config.sdk);

const tell = (event, fields = {}) => process.stdout.write(JSON.stringify({ event, ...fields }) + '\n');

const device = iot.device({
  productKey: config.product_key,
  deviceName: config.device_name,
  deviceSecret: config.device_secret,
  brokerUrl: `mqtt://${config.host}:${config.port}`,
});

const told = (event, next = () => {}) => (reply) => {
  tell(event, { code: reply.code, data: reply.data });
  next();
};

device.on('connect', () => {
  tell('connected');
  const tags = [{ attrKey: 'site', attrValue: 'here' }, { attrKey: 'room', attrValue: '7' }];
  device.postTags(tags, told('tags set', () => device.deleteTags(['room'], told('tag deleted'))));
});

device.onService('state', (call, reply) => {
  tell('call', { call });
  reply({ id: call.id, code: 200, data: { lit: call.params.verbose } }, 'sync');
});

device.on('error', (args) => tell('error', { text: String(args[0]) }));

process.stdin.resume().on('end', () => {
  device.end(true);
  process.exit(0);
});
