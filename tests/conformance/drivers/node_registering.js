// Registration over HTTPS by the official Node SDK, as its manual shows it; tells the answer in a JSON line on stdout.
//
// usage: node node_registering.js JSON with sdk, url, product_key, device_name, product_secret
'use strict';

const config = JSON.parse(process.argv[2]);
const iot = require(config.sdk);

iot.register({
  productKey: config.product_key,
  deviceName: config.device_name,
  productSecret: config.product_secret,
  registerURL: config.url,
}, (answer) => process.stdout.write(JSON.stringify({ event: 'registered', answer }) + '\n'));

process.stdin.resume().on('end', () => process.exit(0));
