// The embedded switch: `strowger up` with a configuration of its own.
import fs from 'node:fs';
import path from 'node:path';
import { Child, temporaryFolder } from './child.mjs';
import { asToml, holdMusic, users } from './extensions.mjs';
import { freePort } from './ports.mjs';
import { until } from './wait.mjs';

const binary = path.join(process.env.STROWGER_BUILD ?? '', 'bin/strowger');

/** Why it cannot be used here; nothing if it can. */
export function missing() {
  return fs.existsSync(binary) ? undefined : `no ${binary}`;
}

const toml = (values) => Object.entries(values).map(([name, value]) => `${name} = ${JSON.stringify(value)}\n`).join('');

export class Strowger {
  name = 'Strowger';

  /**
   * @param options.natsUrl  the broker
   * @param options.nodeId   its node id, before it becomes a slug
   * @param options.agent    further keys of [hub]
   */
  static async start({ natsUrl, nodeId, agent = {} }) {
    const self = new Strowger();
    self.folder = temporaryFolder('strowger');
    self.nodeId = nodeId;
    self.sipPort = await freePort();
    self.sip = `127.0.0.1:${self.sipPort}`;
    self.httpPort = await freePort();
    const firstRtp = 20_000 + 2 * Math.floor(Math.random() * 4000);
    const config = [
      `[log]\nlevel = "debug"\n`,
      `[http]\n${toml({ port: self.httpPort })}`,
      `[nats_server]\nrun = "never"\n`,
      `[hub]\n${toml({ url: natsUrl, node_id: nodeId, nats_reconnect_wait: 200, nats_timeout: 2000, ...agent })}`,
      `[switch]\n${toml({ hold_music: holdMusic })}`,
      `[switch.sip]\n${toml({ bind: '127.0.0.1', port: self.sipPort, rtp_port_min: firstRtp, rtp_port_max: firstRtp + 2000 })}`,
      ...Object.entries(users).map(([number, password]) => `[switch.users.${number}]\n${toml({ password })}`),
      asToml(),
    ];
    fs.writeFileSync(path.join(self.folder, 'strowger.toml'), config.join('\n'));
    await self.launch();
    return self;
  }

  get slug() {
    return this.nodeId.toLowerCase().replace(/[^a-z0-9_]/g, '_');
  }

  async launch() {
    this.child = new Child('strowger', binary, ['up', '--config', path.join(this.folder, 'strowger.toml')], { folder: this.folder });
  }

  /** Ready means: its agent answers and its health page says so. */
  async ready(bus, ms = 15_000) {
    await until(
      async () => {
        if (!this.child.running) throw new Error('it ended');
        return (await bus.request(`api.${this.slug}`, { command: 'status' }, 1000)).success && (await fetch(`http://127.0.0.1:${this.httpPort}/health`)).ok;
      },
      () => `strowger was not ready:\n${this.child.tail()}`,
      ms,
    );
  }

  async restart() {
    await this.stop();
    await this.launch();
  }

  async stop() {
    await this.child.stop('SIGTERM', 10_000);
  }
}
