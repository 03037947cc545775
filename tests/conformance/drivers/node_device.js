// A device on one of the official Node SDKs, as their manuals show it; tells what happens in JSON lines on stdout.
//
// Runs in the SDK's own environment, which has nothing of ours. Says hello on /user/update after login and answers every
// message on /user/get there. Stops when stdin closes.
//
// usage: node node_device.js JSON with sdk, host, port (or url), product_key, device_name, device_secret; for TLS,
// ca, which is also what NODE_EXTRA_CA_CERTS names.
'use strict';

const config = JSON.parse(process.argv[2]);
const iot = require(config.sdk);

const tell = (event, fields = {}) => process.stdout.write(JSON.stringify({ event, ...fields }) + '\n');

const device = iot.device({
  productKey: config.product_key,
  deviceName: config.device_name,
  deviceSecret: config.device_secret,
  brokerUrl: config.url || `${config.ca ? 'mqtts' : 'mqtt'}://${config.host}:${config.port}`,
});
const custom = `/${config.product_key}/${config.device_name}/user`;

const say = (text) =>
  device.publish(`${custom}/update`, text, { qos: 1 }, (error) =>
    tell('acknowledged', { payload: text, error: error ? String(error) : null }));

device.on('connect', () => {
  tell('connected');
  device.subscribe(`${custom}/get`, { qos: 1 }, (error, granted) => {
    tell('subscribed', { error: error ? String(error) : null, granted });
    say('hello');
  });
});

device.on('message', (topic, payload) => {
  tell('message', { topic, payload: payload.toString() });
  if (topic === `${custom}/get`) say(`echo ${payload}`);
});

// The SDKs subscribe to topics of their own at every login, and hide how that went.
device.mqttClient.on('packetreceive', (packet) => {
  if (packet.cmd === 'suback') tell('granted', { codes: packet.granted });
});

device.on('error', (args) => tell('error', { text: String(args[0]) }));
device.on('close', () => tell('closed'));

process.stdin.resume().on('end', () => {
  device.end(true);
  process.exit(0);
});
