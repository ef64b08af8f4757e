import assert from 'node:assert/strict';
import dgram from 'node:dgram';
import net from 'node:net';
import fs from 'node:fs';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { Bus } from '../lib/bus.mjs';
import { Child, temporaryFolder } from '../lib/child.mjs';
import { skipUnless } from '../lib/skip.mjs';
import { until } from '../lib/wait.mjs';
import { binary, childrenOf, commandOf, Exchange, gone, missing, strowger, surroundings } from './strowger.mjs';

skipUnless(missing);
const ownNamespace = spawnSync('unshare', ['--net', '--map-root-user', 'ip', 'link', 'set', 'lo', 'up']).status === 0;

describe('strowger up', () => {
  test('without configuration and NATS is ready within a second, and its nats-server dies with it even by SIGKILL', { skip: !ownNamespace && 'no network namespace of our own here' }, async () => {
    const folder = temporaryFolder('bare');
    const begun = process.hrtime.bigint();
    // The default ports, free in a network of our own; each program becomes the next, so the pid is strowger's.
    const child = new Child('strowger', 'unshare', ['--net', '--map-root-user', 'sh', '-c', `ip link set lo up && exec ${binary} up`], { folder });
    await child.waitForOutput(/^Ready\./m);
    const ms = Number(process.hrtime.bigint() - begun) / 1e6;
    assert.ok(ms < 1000, `ready after ${ms.toFixed(0)} ms`);
    const [server] = childrenOf(child.pid).filter((pid) => commandOf(pid) === 'nats-server');
    assert.ok(server, `no nats-server among the children\n${child.output()}`);
    child.killNow();
    await gone(server);
  });

  test('says what to do next', async () => {
    const exchange = await Exchange.start('welcome');
    const text = exchange.child.output();
    for (const wanted of [`127.0.0.1:${exchange.sip}`, '9196 echo', 'strowger events', 'strowger api status', `${exchange.pages}/health`])
      assert.ok(text.includes(wanted), `no "${wanted}" in\n${text}`);
    await exchange.stop();
  });

  test('leaves within two seconds of Ctrl-C with calls up, ends them and says so on the bus', async () => {
    const exchange = await Exchange.start('leave', { extra: { STROWGER_NATS_SERVER_RUN: 'always' } });
    const bus = await Bus.connect(exchange.url);
    const events = await bus.events('channel.hangup.complete');
    await exchange.park(20);
    const begun = Date.now();
    const how = await exchange.child.stop('SIGINT', 4000);
    assert.deepEqual(how, { code: 0, signal: null }, exchange.child.tail());
    assert.ok(Date.now() - begun < 2000, `took ${Date.now() - begun} ms`);
    await until(() => events.all.length >= 20, () => `${events.all.length} of 20 hang-ups were published`);
    await bus.close().catch(() => {});
  });

  test('starts its nats-server again when that dies, and goes on', async () => {
    const exchange = await Exchange.start('nats-dies');
    const [server] = childrenOf(exchange.child.pid);
    process.kill(server, 'SIGKILL');
    await gone(server);
    await until(async () => (await exchange.run('api', 'status')).code === 0, 'no answer after nats-server was killed', 15_000);
    await exchange.stop();
  });

  test('names the port that is taken, and how to mend it', async () => {
    const around = await surroundings('taken');
    const taken = dgram.createSocket('udp4');
    await new Promise((done) => taken.bind(around.sip, '127.0.0.1', done));
    const sip = await strowger(['up'], around);
    taken.close();
    assert.equal(sip.code, 1);
    assert.match(sip.stderr, new RegExp(`UDP.*127\\.0\\.0\\.1:${around.sip}.*switch\\.sip\\.port`, 's'));

    const page = net.createServer().listen(around.http, '127.0.0.1');
    await new Promise((done) => page.once('listening', done));
    const http = await strowger(['up'], around);
    page.close();
    assert.equal(http.code, 1);
    assert.match(http.stderr, new RegExp(`127\\.0\\.0\\.1:${around.http}.*http\\.port`, 's'));
  });

  test('refuses an unknown key and names the nearest one', async () => {
    const around = await surroundings('unknown-key');
    const file = path.join(around.folder, 'strowger.toml');
    fs.writeFileSync(file, '[http]\nprot = 8091\n');
    const { code, stderr } = await strowger(['up', '--config', file], around);
    assert.equal(code, 1);
    assert.match(stderr, /strowger\.toml: http\.prot: unknown key \(line 2\); did you mean "port"\?/);
  });

  test('reads ./strowger.toml by itself', async () => {
    const around = await surroundings('found');
    fs.writeFileSync(path.join(around.folder, 'strowger.toml'), '[log]\nlevel = "loud"\n');
    const { code, stderr } = await strowger(['up'], { env: around.env, cwd: around.folder });
    assert.equal(code, 1);
    assert.match(stderr, /log\.level: expected one of debug.*got "loud"/);
  });
});

describe('strowger switch', () => {
  test('runs without NATS and says so', async () => {
    const around = await surroundings('switch', { STROWGER_HUB_URL: '' });
    const child = new Child('switch', binary, ['switch'], { folder: around.folder, env: around.env });
    await child.waitForOutput(/^Ready\./m);
    assert.match(child.output(), /NATS +off/);
    assert.equal(childrenOf(child.pid).length, 0);
    const health = await (await fetch(`${around.pages}/health`)).json();
    assert.equal(health.status, 'ok');
    assert.deepEqual(await child.stop(), { code: 0, signal: null });
  });
});

describe('the pages', () => {
  let exchange;
  before(async () => {
    exchange = await Exchange.start('pages');
    await exchange.park(2);
  });
  after(() => exchange?.stop());

  test('/health says ok, the version, the calls and the bus', async () => {
    const { status, type, text } = await exchange.page('/health');
    assert.equal(status, 200);
    assert.match(type, /application\/json/);
    const health = JSON.parse(text);
    assert.equal(health.status, 'ok');
    assert.match(health.version, /^\d+\.\d+\.\d+$/);
    assert.equal(health.sessions, 2);
    assert.equal(health.nats.connected, true);
    assert.equal(health.nats.own_server, true);
    assert.ok(health.node_id.length > 0);
  });

  test('/metrics counts calls, commands and events in the Prometheus format', async () => {
    const { status, type, text } = await exchange.page('/metrics');
    assert.equal(status, 200);
    assert.match(type, /text\/plain.*version=0\.0\.4/);
    for (const line of text.trim().split('\n'))
      assert.match(line, /^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{[a-z_]+="[^"]*"(,[a-z_]+="[^"]*")*\})? \S+)$/);
    const names = new Set([...text.matchAll(/^# TYPE (\S+)/gm)].map((found) => found[1]));
    for (const kind of [/call/, /rtp.*lost/, /command/, /event/, /process_resident_memory_bytes/])
      assert.ok([...names].some((name) => kind.test(name)), `no metric like ${kind} among ${[...names].join(' ')}`);
  });

  test('another page is not found', async () => {
    assert.equal((await exchange.page('/other')).status, 404);
  });
});
