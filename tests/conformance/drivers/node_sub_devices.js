// A gateway on the official Node SDK that logs a sub-device in; tells what happens in JSON lines on stdout.
//
// Runs in the SDK's own environment, which has nothing of ours. The sub-device says hello on its /user/update, answers
// what it hears on /user/get, and is logged out when it hears "bye". Stops when stdin closes.
//
// usage: node node_sub_devices.js JSON with sdk, host, port, product_key, device_name, device_secret, and sub with the
// same three names; for TLS, ca, which is also what NODE_EXTRA_CA_CERTS names.
'use strict';

const config = JSON.parse(process.argv[2]);
const iot = require(config.sdk);

const tell = (event, fields = {}) => process.stdout.write(JSON.stringify({ event, ...fields }) + '\n');

const gateway = iot.gateway({
  productKey: config.product_key,
  deviceName: config.device_name,
  deviceSecret: config.device_secret,
  brokerUrl: `${config.ca ? 'mqtts' : 'mqtt'}://${config.host}:${config.port}`,
});
const names = { productKey: config.sub.product_key, deviceName: config.sub.device_name };
const custom = `/${names.productKey}/${names.deviceName}/user`;

const logOut = () =>
  gateway.logout(names, (reply) => tell('logged out', { code: reply.code, data: reply.data }));

const logIn = () => {
  const sub = gateway.login({ ...names, deviceSecret: config.sub.device_secret }, (reply) =>
    tell('logged in', { code: reply.code, data: reply.data }));
  sub.on('connect', () => {
    gateway.subscribe(`${custom}/get`, { qos: 1 }, (error, granted) => {
      tell('subscribed', { error: error ? String(error) : null, granted });
      gateway.publish(`${custom}/update`, 'hello', { qos: 1 }, () => tell('acknowledged', { payload: 'hello' }));
    });
  });
  sub.on('error', (reply) => tell('refused', { code: reply.code }));
};

gateway.on('connect', () => {
  tell('connected');
  logIn();
});
gateway.on('message', (topic, payload) => {
  tell('message', { topic, payload: payload.toString() });
  if (topic === `${custom}/get` && payload.toString() === 'bye') logOut();
});
gateway.on('error', (args) => tell('error', { text: String(args[0]) }));
gateway.on('close', () => tell('closed'));

process.stdin.resume().on('end', () => {
  gateway.end(true);
  process.exit(0);
});
