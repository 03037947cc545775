// Remote configuration on the official Node SDK, as its manual shows it; tells what happens in JSON lines on stdout.
//
// Runs in the SDK's own environment, which has nothing of ours. Asks for the configuration once it is connected, and tells of
// every one that comes. Stops when stdin closes.
//
// usage: node node_configuration.js JSON with sdk, host, port, product_key, device_name, device_secret; for TLS, ca.
'use strict';

const config = JSON.parse(process.argv[2]);
const iot = require(config.sdk);

const tell = (event, fields = {}) => process.stdout.write(JSON.stringify({ event, ...fields }) + '\n');

const device = iot.device({
  productKey: config.product_key,
  deviceName: config.device_name,
  deviceSecret: config.device_secret,
  brokerUrl: `${config.ca ? 'mqtts' : 'mqtt'}://${config.host}:${config.port}`,
});

device.onConfig((message) => tell('pushed', { message }));
device.on('connect', () => {
  tell('connected');
  device.getConfig((message) => tell('got', { message }));
});
device.on('error', (args) => tell('error', { text: String(args[0]) }));

process.stdin.resume().on('end', () => {
  device.end(true);
  process.exit(0);
});
