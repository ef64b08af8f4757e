import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { until, within } from './wait.mjs';

const alive = new Set();
process.on('exit', () => alive.forEach((child) => child.killNow()));
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));

/** A folder below the system's temporary one; removed when this process ends well. */
export function temporaryFolder(name) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), `strowger-e2e-${name}-`));
  process.on('exit', (code) => {
    if (code === 0) fs.rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

/** One program that we started; its output goes to `<folder>/<name>.log`. */
export class Child {
  constructor(name, command, args, { folder, env = {}, cwd = folder } = {}) {
    this.name = name;
    this.log = path.join(folder, `${name}.log`);
    const out = fs.openSync(this.log, 'a');
    this.process = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', out, out] });
    fs.closeSync(out);
    this.ended = new Promise((resolve) => {
      this.process.once('error', (error) => resolve({ code: -1, signal: null, error }));
      this.process.once('exit', (code, signal) => resolve({ code, signal }));
    }).then((how) => {
      alive.delete(this);
      this.how = how;
      return how;
    });
    alive.add(this);
  }

  get pid() {
    return this.process.pid;
  }

  get running() {
    return this.how === undefined;
  }

  output() {
    return fs.existsSync(this.log) ? fs.readFileSync(this.log, 'utf8') : '';
  }

  /** The last lines of the log, for a failure's message. */
  tail(lines = 25) {
    return this.output().split('\n').slice(-lines).join('\n');
  }

  /** Waits until the output matches `pattern`; returns the match. */
  async waitForOutput(pattern, ms = 10_000) {
    return until(
      () => {
        const found = this.output().match(pattern);
        if (!found && !this.running) throw new Error(`${this.name} ended with ${JSON.stringify(this.how)}`);
        return found;
      },
      () => `${this.name} never wrote ${pattern}; its last words:\n${this.tail()}`,
      ms,
    );
  }

  /** Asks it to end, then insists. */
  async stop(signal = 'SIGTERM', ms = 10_000) {
    if (!this.running) return this.how;
    this.process.kill(signal);
    try {
      return await within(ms, `${this.name} still runs after ${signal}`, this.ended);
    } catch (error) {
      this.killNow();
      await this.ended;
      throw error;
    }
  }

  killNow() {
    if (this.running) this.process.kill('SIGKILL');
  }
}
