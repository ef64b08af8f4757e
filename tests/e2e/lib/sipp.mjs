// sipp, for what a softphone does not do on command: one scenario file, one call.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Child, temporaryFolder } from './child.mjs';
import { freePort } from './ports.mjs';
import { within } from './wait.mjs';

const scenarios = fileURLToPath(new URL('../sipp/', import.meta.url));

export const available = () => (process.env.PATH ?? '').split(':').some((folder) => fs.existsSync(path.join(folder, 'sipp')));

/** A running call of `sipp/<scenario>.xml`, its `{{name}}`s replaced; `finished()` rejects when sipp saw something else than its scenario says. */
export class Sipp {
  static async call(scenario, { sip, to, from = 'sipp', ...values }) {
    const call = new Sipp();
    call.folder = temporaryFolder('sipp');
    const text = fs.readFileSync(path.join(scenarios, `${scenario}.xml`), 'utf8').replace(/{{(\w+)}}/g, (_, key) => values[key]);
    fs.writeFileSync(path.join(call.folder, 'scenario.xml'), text);
    const [rtp, port] = [await freePort(), await freePort()];
    call.child = new Child('sipp', 'sipp', [
      sip, '-sf', 'scenario.xml', '-s', to, '-i', '127.0.0.1', '-p', String(port), '-mp', String(rtp & ~1), '-m', '1', '-nostdin',
      '-timeout', '40', '-timeout_error', '-trace_err', '-error_file', path.join(call.folder, 'errors.log'), '-trace_msg', '-message_file', path.join(call.folder, 'messages.log'),
      '-key', 'from', from,
    ], { folder: call.folder });
    return call;
  }

  get messages() {
    const file = path.join(this.folder, 'messages.log');
    return fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '';
  }

  async finished(ms = 45_000) {
    const { code } = await within(ms, 'sipp still runs', this.child.ended);
    if (code !== 0) throw new Error(`sipp ended with ${code}\n${fs.existsSync(path.join(this.folder, 'errors.log')) ? fs.readFileSync(path.join(this.folder, 'errors.log'), 'utf8') : ''}\n${this.messages.slice(-3000)}`);
  }
}
