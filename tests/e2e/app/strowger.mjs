// The strowger binary as its tests start it: on ports of its own, with a nats-server of its own.
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Child, temporaryFolder } from '../lib/child.mjs';
import { freePort } from '../lib/ports.mjs';
import { until } from '../lib/wait.mjs';

const run = promisify(execFile);
const build = process.env.STROWGER_BUILD ?? fileURLToPath(new URL('../../../build/release', import.meta.url));
export const binary = path.join(build, 'bin/strowger');
const path_ = `${process.env.PATH}:/usr/sbin:/usr/local/sbin`;

/** Why these tests cannot run here; nothing if they can. */
export const missing = () => (fs.existsSync(binary) ? undefined : `no ${binary}`);

/** Runs one command to its end. */
export async function strowger(args, { env = {}, cwd, timeout = 20_000 } = {}) {
  const options = { env: { ...process.env, PATH: path_, NO_COLOR: '1', ...env }, cwd, timeout };
  try {
    const { stdout, stderr } = await run(binary, args, options);
    return { code: 0, stdout, stderr };
  } catch (error) {
    return { code: error.code, stdout: error.stdout, stderr: error.stderr };
  }
}

/** Ports and a folder, as environment for any number of commands that belong together. */
export async function surroundings(name, extra = {}) {
  const folder = temporaryFolder(name);
  const [sip, http, nats] = [await freePort(), await freePort(), await freePort()];
  const env = {
    PATH: path_,
    STROWGER_SWITCH_SIP_PORT: String(sip),
    STROWGER_HTTP_PORT: String(http),
    STROWGER_HUB_URL: `nats://127.0.0.1:${nats}`,
    STROWGER_NATS_SERVER_RUN: 'always',
    ...extra,
  };
  return { folder, sip, http, nats, env, url: `nats://127.0.0.1:${nats}`, pages: `http://127.0.0.1:${http}` };
}

/** `strowger up`, ready when this returns. */
export class Exchange {
  static async start(name, { args = [], extra = {} } = {}) {
    const exchange = new Exchange();
    Object.assign(exchange, await surroundings(name, extra));
    const begun = process.hrtime.bigint();
    exchange.child = new Child('strowger', binary, ['up', ...args], { folder: exchange.folder, env: exchange.env });
    await exchange.child.waitForOutput(/^Ready\./m);
    exchange.startedInMs = Number(process.hrtime.bigint() - begun) / 1e6;
    return exchange;
  }

  run(...args) {
    return strowger(args, { env: this.env, cwd: this.folder });
  }

  async page(name) {
    const answer = await fetch(`${this.pages}${name}`);
    return { status: answer.status, type: answer.headers.get('content-type'), text: await answer.text() };
  }

  /** Places `count` calls that wait in the park. */
  async park(count = 1) {
    for (let i = 0; i < count; i += 1) {
      const { code, stderr } = await this.run('api', 'originate', 'null/9196', '&park');
      if (code !== 0) throw new Error(`originate: ${stderr}`);
    }
  }

  stop() {
    return this.child.stop();
  }
}

/** The direct children of a process. */
export function childrenOf(pid) {
  return fs.readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    fs.readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number));
}

export function commandOf(pid) {
  return fs.readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
}

export const gone = (pid) => until(() => {
  if (!fs.existsSync(`/proc/${pid}`)) return true;
  return /^State:\s+Z/m.test(fs.readFileSync(`/proc/${pid}/status`, 'utf8'));
}, `process ${pid} is still there`, 3000);
