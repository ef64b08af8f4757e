// A private FreeSWITCH: its own configuration, folders and ports, with mod_event_agent from our build.
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { Child, temporaryFolder } from './child.mjs';
import { asXml, holdMusic, users } from './extensions.mjs';
import { freePort } from './ports.mjs';
import { until } from './wait.mjs';

const prefix = process.env.FREESWITCH_PREFIX ?? '/usr/local/freeswitch';
const buildFolder = process.env.STROWGER_BUILD ?? '';
export const agentModule = path.join(buildFolder, 'lib/freeswitch/mod_event_agent.so');

const binaries = [path.join(prefix, 'bin/freeswitch'), '/usr/bin/freeswitch'];
const moduleFolders = [path.join(prefix, 'lib/freeswitch/mod'), '/usr/lib/freeswitch/mod'];

/** FreeSWITCH makes RSA keys when it finds none, which takes seconds: once is enough for a test program. */
let certificateFolder;
const certificates = () => (certificateFolder ??= temporaryFolder('certificates'));

/** Why FreeSWITCH cannot be used here; nothing if it can. */
export function missing() {
  if (!binaries.some((file) => fs.existsSync(file))) return 'no freeswitch (looked for it below FREESWITCH_PREFIX and in /usr/bin)';
  if (!fs.existsSync(agentModule)) return `no ${agentModule} (FreeSWITCH's headers were missing when it was built)`;
  return undefined;
}

const params = (values) => Object.entries(values).map(([name, value]) => `<param name="${name}" value="${value}"/>`).join('\n');
const configuration = (name, body) => `<configuration name="${name}">${body}</configuration>`;
const settings = (name, values) => configuration(name, `<settings>${params(values)}</settings>`);

function directory() {
  const entries = Object.entries(users).map(([id, password]) => `<user id="${id}"><params><param name="password" value="${password}"/></params></user>`);
  return `<domain name="$\${domain}"><params><param name="dial-string" value="\${sofia_contact(*/\${dialed_user}@\${dialed_domain})}"/></params>
<groups><group name="all"><users>${entries.join('')}</users></group></groups></domain>`;
}

function document({ sipPort, socketPort, rtpPorts, agent, modules, soundFolder, logFile }) {
  const profile = params({
    'sip-ip': '127.0.0.1', 'rtp-ip': '127.0.0.1', 'sip-port': sipPort, context: 'default', dialplan: 'XML',
    'auth-calls': 'false', 'inbound-codec-prefs': 'PCMU,PCMA', 'outbound-codec-prefs': 'PCMU,PCMA', 'rtp-timer-name': 'soft',
    'force-register-domain': '$${domain}', 'force-register-db-domain': '$${domain}', 'rfc2833-pt': '101', 'manage-presence': 'false',
    'dtmf-duration': '2000', 'apply-nat-acl': 'none', 'disable-transcoding': 'false',
  });
  return `<?xml version="1.0"?>
<document type="freeswitch/xml">
<X-PRE-PROCESS cmd="set" data="domain=127.0.0.1"/>
<X-PRE-PROCESS cmd="set" data="sound_prefix=${soundFolder}"/>
<X-PRE-PROCESS cmd="set" data="hold_music=${holdMusic}"/>
<section name="configuration">
${settings('switch.conf', { loglevel: 'debug', 'max-sessions': 1000, 'sessions-per-second': 200, 'rtp-start-port': rtpPorts[0], 'rtp-end-port': rtpPorts[1] })}
${configuration('modules.conf', `<modules>${modules.map((name) => `<load module="${name}"/>`).join('')}</modules>`)}
${configuration('logfile.conf', `<profiles><profile name="default"><settings>${params({ logfile: logFile })}</settings><mappings><map name="all" value="console,debug,info,notice,warning,err,crit,alert"/></mappings></profile></profiles>`)}
${settings('event_socket.conf', { 'listen-ip': '127.0.0.1', 'listen-port': socketPort, password: 'ClueCon' })}
${configuration('sofia.conf', `<global_settings>${params({ 'log-level': 0 })}</global_settings><profiles><profile name="internal"><settings>${profile}</settings></profile></profiles>`)}
${configuration('local_stream.conf', '')}
${settings('event_agent.conf', agent)}
</section>
<section name="dialplan">${asXml()}</section>
<section name="directory">${directory()}</section>
</document>
`;
}

const baseModules = ['mod_logfile', 'mod_commands', 'mod_db', 'mod_hash', 'mod_dptools', 'mod_dialplan_xml', 'mod_loopback', 'mod_sofia', 'mod_sndfile', 'mod_tone_stream', 'mod_local_stream', 'mod_event_socket'];

export class FreeSwitch {
  name = 'FreeSWITCH';

  /** @param options as of strowger.mjs; `load: false` leaves the module out */
  static async start({ natsUrl, nodeId, agent = {}, load = true }) {
    const self = new FreeSwitch();
    self.folder = temporaryFolder('freeswitch');
    self.nodeId = nodeId;
    self.sipPort = await freePort();
    self.socketPort = await freePort();
    self.sip = `127.0.0.1:${self.sipPort}`;
    const firstRtp = 20_000 + 2 * Math.floor(Math.random() * 4000);
    for (const name of ['conf', 'log', 'db', 'run', 'mod', 'tmp', 'sounds']) fs.mkdirSync(path.join(self.folder, name));
    self.linkModules();
    fs.writeFileSync(path.join(self.folder, 'conf/freeswitch.xml'), document({
      sipPort: self.sipPort,
      socketPort: self.socketPort,
      rtpPorts: [firstRtp, firstRtp + 2000],
      agent: { driver: 'nats', url: natsUrl, 'node-id': nodeId, 'log-level': 'debug', 'nats-reconnect-wait': 200, 'nats-timeout': 2000, ...agent },
      modules: load ? [...baseModules, 'mod_event_agent'] : baseModules,
      soundFolder: path.join(self.folder, 'sounds'),
      logFile: path.join(self.folder, 'freeswitch-core.log'),
    }));
    await self.launch();
    return self;
  }

  /** FreeSWITCH loads and reloads by name from one folder: its own modules and ours, linked. */
  linkModules() {
    const from = moduleFolders.find((folder) => fs.existsSync(folder));
    for (const file of fs.readdirSync(from).filter((name) => name.endsWith('.so'))) fs.symlinkSync(path.join(from, file), path.join(this.folder, 'mod', file));
    fs.rmSync(path.join(this.folder, 'mod/mod_event_agent.so'), { force: true });
    fs.symlinkSync(agentModule, path.join(this.folder, 'mod/mod_event_agent.so'));
  }

  async launch() {
    const binary = binaries.find((file) => fs.existsSync(file));
    const folder = (name) => path.join(this.folder, name);
    this.child = new Child('freeswitch', binary, [
      '-nf', '-nc', '-np', '-nonat', '-conf', folder('conf'), '-log', folder('log'), '-db', folder('db'), '-run', folder('run'), '-mod', folder('mod'),
      '-temp', folder('tmp'), '-storage', folder('tmp'), '-recordings', folder('tmp'), '-sounds', folder('sounds'), '-scripts', folder('tmp'), '-htdocs', folder('tmp'), '-grammar', folder('tmp'), '-certs', certificates(), '-cache', folder('tmp'),
    ], { folder: this.folder });
    this.child.log = path.join(this.folder, 'freeswitch-core.log');
  }

  /** Ready means: its agent answers and its SIP profile is up. */
  async ready(bus, ms = 60_000) {
    await until(
      async () => {
        if (!this.child.running) throw new Error(`FreeSWITCH ended: ${this.child.tail()}`);
        return (await bus.request(`api.${this.slug}`, { command: 'sofia', args: 'status' }, 1000)).data?.includes('RUNNING');
      },
      () => `FreeSWITCH was not ready:\n${this.child.tail()}`,
      ms,
    );
  }

  /** One command on FreeSWITCH's own console, beside the agent. */
  console(command) {
    const client = [path.join(prefix, 'bin/fs_cli'), '/usr/bin/fs_cli'].find((file) => fs.existsSync(file));
    return new Promise((resolve, reject) => {
      execFile(client, ['-H', '127.0.0.1', '-P', String(this.socketPort), '-p', 'ClueCon', '-x', command], { timeout: 30_000 }, (error, out) => (error ? reject(error) : resolve(out)));
    });
  }

  get slug() {
    return this.nodeId.toLowerCase().replace(/[^a-z0-9_]/g, '_');
  }

  async restart() {
    await this.stop();
    await this.launch();
  }

  async stop() {
    await this.child.stop('SIGTERM', 20_000);
  }
}
