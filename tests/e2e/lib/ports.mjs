import dgram from 'node:dgram';
import net from 'node:net';

const host = '127.0.0.1';
const given = new Set();

function bindTcp(port) {
  return new Promise((resolve, reject) => {
    const server = net.createServer().once('error', reject);
    server.listen(port, host, () => resolve({ close: () => new Promise((done) => server.close(done)) }));
  });
}

function bindUdp(port) {
  return new Promise((resolve, reject) => {
    const socket = dgram.createSocket('udp4').once('error', reject);
    socket.bind(port, host, () => resolve({ close: () => new Promise((done) => socket.close(done)) }));
  });
}

// Below the range from which the kernel takes the near end of connections: a port there can be gone again before the
// program that it was meant for has started. And below FreeSWITCH's RTP ports.
const first = 10_240;
const count = 6_000;

/** A port of 127.0.0.1 that is free for TCP and for UDP, and is given out once. */
export async function freePort() {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const port = first + Math.floor(Math.random() * count);
    if (given.has(port)) continue;
    try {
      await (await bindTcp(port)).close();
      await (await bindUdp(port)).close();
      given.add(port);
      return port;
    } catch {
      // taken: try another one
    }
  }
  throw new Error(`no free port on ${host}`);
}
