// A gateway on the official Node SDK, as its manual shows it; tells what happens in JSON lines on stdout.
//
// Runs in the SDK's own environment, which has nothing of ours. Does what lines on stdin say, one JSON object each:
// {"do": "add" | "get" | "remove", "devices": [...]}. Stops when stdin closes.
//
// usage: node node_gateway.js JSON with sdk, host, port, product_key, device_name, device_secret; for TLS, ca, which is
// also what NODE_EXTRA_CA_CERTS names.
'use strict';

const readline = require('readline');

const config = JSON.parse(process.argv[2]);
const iot = require(config.sdk);

const tell = (event, fields = {}) => process.stdout.write(JSON.stringify({ event, ...fields }) + '\n');

const gateway = iot.gateway({
  productKey: config.product_key,
  deviceName: config.device_name,
  deviceSecret: config.device_secret,
  brokerUrl: `${config.ca ? 'mqtts' : 'mqtt'}://${config.host}:${config.port}`,
});

const answered = (event) => (reply) =>
  tell(event, { code: reply.code, data: reply.data, message: reply.message });

const doing = {
  add: ({ devices }) => gateway.addTopo(devices, answered('added')),
  get: () => gateway.getTopo(answered('got')),
  remove: ({ devices }) => gateway.removeTopo(devices, answered('removed')),
};

gateway.on('connect', () => tell('connected'));
gateway.on('message', (topic, payload) => tell('message', { topic, payload: payload.toString() }));
gateway.on('error', (args) => tell('error', { text: String(args[0]) }));
gateway.on('close', () => tell('closed'));

readline
  .createInterface({ input: process.stdin })
  .on('line', (line) => {
    const wanted = JSON.parse(line);
    doing[wanted.do](wanted);
  })
  .on('close', () => {
    gateway.end(true);
    process.exit(0);
  });
