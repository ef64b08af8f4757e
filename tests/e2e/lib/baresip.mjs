// A real SIP phone: baresip with a tone as its microphone and a WAV file as its ear.
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { Child, temporaryFolder } from './child.mjs';
import { freePort } from './ports.mjs';
import { until, within } from './wait.mjs';
import { heardTone, readWav, writeTone } from './wav.mjs';

const modules = process.env.BARESIP_MODULES ?? '/usr/lib/baresip/modules';

export const available = () => fs.existsSync(modules) && (process.env.PATH ?? '').split(':').some((folder) => fs.existsSync(path.join(folder, 'baresip')));

/** The control connection: netstrings of JSON (baresip's ctrl_tcp module). */
class Control {
  static async open(port) {
    const control = new Control();
    control.events = [];
    control.waiting = new Map();
    control.buffer = Buffer.alloc(0);
    control.socket = await until(
      () => new Promise((resolve, reject) => {
        const socket = net.connect(port, '127.0.0.1', () => resolve(socket)).once('error', reject);
      }),
      'baresip opened no control port',
    );
    control.socket.on('error', () => {}).on('data', (bytes) => control.read(bytes));
    return control;
  }

  read(bytes) {
    this.buffer = Buffer.concat([this.buffer, bytes]);
    for (;;) {
      const colon = this.buffer.indexOf(':');
      if (colon < 0) return;
      const size = Number(this.buffer.toString('latin1', 0, colon));
      if (this.buffer.length < colon + size + 2) return;
      const message = JSON.parse(this.buffer.toString('utf8', colon + 1, colon + 1 + size));
      this.buffer = this.buffer.subarray(colon + size + 2);
      if (message.event) this.events.push(message);
      else this.waiting.get(message.token)?.(message);
    }
  }

  async send(command, params) {
    const token = `t${Math.random().toString(36).slice(2)}`;
    const text = JSON.stringify({ command, params, token });
    const answer = new Promise((resolve) => this.waiting.set(token, resolve));
    this.socket.write(`${Buffer.byteLength(text)}:${text},`);
    const reply = await within(5000, `baresip did not answer ${command}`, answer);
    this.waiting.delete(token);
    return reply;
  }
}

export class Phone {
  /**
   * @param options.user      its SIP user
   * @param options.sip       where the switch listens, "127.0.0.1:5060"
   * @param options.tone      [Hz] what it says all the time
   * @param options.password  registers with it; without one it only calls
   */
  static async start({ user, sip, tone, password, transport = 'udp', answer = 'auto' }) {
    const phone = new Phone();
    phone.sip = sip;
    phone.user = user;
    phone.tone = tone;
    phone.folder = temporaryFolder(`phone-${user}`);
    phone.port = await freePort();
    const control = await freePort();
    const rtp = await freePort();
    writeTone(path.join(phone.folder, 'tone.wav'), tone, 120);
    fs.writeFileSync(path.join(phone.folder, 'config'), `${[
      `module_path ${modules}`,
      ...['g711', 'aufile', 'aubridge', 'sndfile', 'account', 'ctrl_tcp', 'menu'].map((name) => `${['account', 'ctrl_tcp', 'menu'].includes(name) ? 'module_app' : 'module'} ${name}.so`),
      `ctrl_tcp_listen 127.0.0.1:${control}`,
      `sip_listen 127.0.0.1:${phone.port}`,
      'net_interface 127.0.0.1',
      `audio_source aufile,${path.join(phone.folder, 'tone.wav')}`,
      'audio_player aubridge,ear',
      'audio_alert aubridge,alert',
      ...['ausrc_srate', 'auplay_srate'].map((key) => `${key} 8000`),
      ...['ausrc_channels', 'auplay_channels'].map((key) => `${key} 1`),
      `snd_path ${phone.folder}`,
      `rtp_ports ${Math.max(10_000, (rtp & ~1) - 20)}-${Math.min(65_000, (rtp & ~1) + 20)}`,
      'call_local_timeout 60',
    ].join('\n')}\n`);
    const registration = password ? `;auth_pass=${password};regint=60` : ';regint=0';
    fs.writeFileSync(path.join(phone.folder, 'accounts'), `<sip:${user}@${sip};transport=${transport}>;answermode=${answer};audio_codecs=pcmu${registration}\n`);
    fs.writeFileSync(path.join(phone.folder, 'contacts'), '');
    phone.child = new Child(`baresip-${user}`, 'baresip', ['-4', '-v', '-s', '-f', phone.folder], { folder: phone.folder });
    phone.control = await Control.open(control);
    if (password) await phone.child.waitForOutput(/200 OK .*\[\d+ binding/); // it may have registered before we listened
    return phone;
  }

  /** The next event of that type, counted from `from`. */
  async waitFor(type, from = 0, ms = 10_000) {
    return until(
      () => this.control.events.slice(from).find((event) => event.type === type),
      () => `phone ${this.user}: no ${type} among ${this.control.events.map((event) => event.type).join(' ')}\n${this.child.tail(40)}`,
      ms,
    );
  }

  get mark() {
    return this.control.events.length;
  }

  async call(number) {
    const from = this.mark;
    await this.control.send('dial', number.includes('@') ? number : `sip:${number}@${this.sip}`);
    return from;
  }

  hangUp() {
    return this.control.send('hangup');
  }

  hold() {
    return this.control.send('hold');
  }

  resume() {
    return this.control.send('resume');
  }

  /** One key pressed on the phone. */
  press(key) {
    return this.control.send('sndcode', key);
  }

  /** The file of the newest call's received audio; a change of the media in mid-call may begin a new one. */
  earFile() {
    return fs.readdirSync(this.folder).filter((name) => name.endsWith('-dec.wav')).sort().at(-1);
  }

  heard() {
    const file = this.earFile();
    if (!file) throw new Error(`phone ${this.user} has heard nothing yet`);
    const { rate, channels } = readWav(path.join(this.folder, file));
    return { rate, samples: channels[0] };
  }

  /** A point in what it hears: now. */
  earMark() {
    const file = this.earFile();
    return { file, samples: file ? this.heard().samples.length : 0 };
  }

  /** Waits until it has heard `hz` for `forMs`, after the point `since`. */
  async hears(hz, { forMs = 500, since, ms = 15_000 } = {}) {
    let heardMs = 0;
    return until(
      () => {
        const { rate, samples } = this.heard();
        heardMs = heardTone({ rate, samples: since?.file === this.earFile() ? samples.subarray(since.samples) : samples }, hz);
        return heardMs >= forMs;
      },
      () => `phone ${this.user} heard ${hz} Hz for ${heardMs} ms, not ${forMs}`,
      ms,
    );
  }

  /** The SIP messages of its trace, newest last. */
  trace() {
    return this.child.output();
  }

  async stop() {
    this.control?.socket.destroy();
    await this.child.stop('SIGTERM', 2000).catch(() => {}); // in a call it may wait for a BYE that never comes
  }
}
