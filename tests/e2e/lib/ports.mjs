import dgram from 'node:dgram';
import net from 'node:net';

const host = '127.0.0.1';
const given = new Set();

function bindTcp(port) {
  return new Promise((resolve, reject) => {
    const server = net.createServer().once('error', reject);
    server.listen(port, host, () => resolve({ port: server.address().port, close: () => new Promise((done) => server.close(done)) }));
  });
}

function bindUdp(port) {
  return new Promise((resolve, reject) => {
    const socket = dgram.createSocket('udp4').once('error', reject);
    socket.bind(port, host, () => resolve({ close: () => new Promise((done) => socket.close(done)) }));
  });
}

/** A port of 127.0.0.1 that is free for TCP and for UDP, and is given out once. */
export async function freePort() {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const tcp = await bindTcp(0);
    try {
      const udp = await bindUdp(tcp.port);
      await udp.close();
      if (given.has(tcp.port)) continue;
      given.add(tcp.port);
      return tcp.port;
    } catch {
      // taken on UDP: try the next one
    } finally {
      await tcp.close();
    }
  }
  throw new Error('no free port on 127.0.0.1');
}
