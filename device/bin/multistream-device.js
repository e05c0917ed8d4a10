#!/usr/bin/env node
// An older Node would stop at the first word that it does not know, and say only that.
const oldest = 22;
const { node } = process.versions;

if (Number.parseInt(node, 10) < oldest) {
  console.error(`multistream-device: this is Node ${node}; it needs Node ${oldest} or newer (https://nodejs.org)`);
  process.exitCode = 1;
} else {
  await import('../build/device/src/start.js');
}
