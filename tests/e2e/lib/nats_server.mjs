import fs from 'node:fs';
import path from 'node:path';
import { Child, temporaryFolder } from './child.mjs';
import { freePort } from './ports.mjs';

/** A private nats-server on loopback that can be killed and started again on its port. */
export class NatsServer {
  static async start() {
    const server = new NatsServer();
    server.folder = temporaryFolder('nats');
    server.port = await freePort();
    fs.writeFileSync(path.join(server.folder, 'nats.conf'), 'max_payload: 32MB\n'); // room for requests that are too large for the agent
    server.url = `nats://127.0.0.1:${server.port}`;
    await server.restart();
    return server;
  }

  async restart() {
    this.child = new Child('nats-server', process.env.NATS_SERVER ?? 'nats-server', ['-a', '127.0.0.1', '-p', String(this.port), '-c', 'nats.conf'], {
      folder: this.folder,
      env: { PATH: `${process.env.PATH}:/usr/sbin:/usr/local/sbin` },
    });
    this.starts = (this.starts ?? 0) + 1;
    const ready = new RegExp(`(?:Server is ready[\\s\\S]*){${this.starts}}`);
    await this.child.waitForOutput(ready);
  }

  async kill() {
    this.child.killNow();
    await this.child.ended;
  }

  async stop() {
    await this.child.stop();
  }
}
