// The module itself in FreeSWITCH: load, unload, reload, bad configuration, no broker.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { FreeSwitch, missing } from './lib/freeswitch.mjs';
import { skipUnless } from './lib/skip.mjs';

skipUnless(missing);
const { Bus } = await import('./lib/bus.mjs');
const { NatsServer } = await import('./lib/nats_server.mjs');
const { until } = await import('./lib/wait.mjs');

const mapped = (pid) => fs.readFileSync(`/proc/${pid}/maps`, 'utf8').includes('mod_event_agent.so');
const threads = (pid) => fs.readdirSync(`/proc/${pid}/task`).length;
const openFiles = (pid) => fs.readdirSync(`/proc/${pid}/fd`).length;
const residentKb = (pid) => Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);

describe('mod_event_agent in FreeSWITCH', () => {
  let nats;
  let bus;
  before(async () => {
    nats = await NatsServer.start();
    bus = await Bus.connect(nats.url);
  });
  after(async () => {
    await bus.close();
    await nats.stop();
  });

  /** The epoch of the agent that answers now. */
  async function epoch() {
    const events = await bus.events();
    try {
      const token = `epoch ${Math.random()}`;
      await bus.request('api', { command: 'echo', args: token }, 1000);
      return (await events.waitFor({ event_name: 'API', 'API-Command-Argument': token }, 1000)).epoch;
    } finally {
      events.stop();
    }
  }

  const withSwitch = async (options, run) => {
    const made = await FreeSwitch.start({ natsUrl: nats.url, nodeId: 'module', ...options });
    try {
      await run(made);
    } finally {
      await made.stop();
    }
  };

  test('told over the bus to reload itself with a live call it answers, does so, and leaves nothing behind', { timeout: 180_000 }, () => withSwitch({}, async (made) => {
    await made.ready(bus);
    const { uuid } = await bus.request('cmd.originate', { endpoint: 'loopback/9196/default', extension: '&park' });
    const epochs = new Set();
    const sizes = [];
    for (let round = 0; round < 6; round += 1) {
      const old = await epoch();
      // Over the bus: a connection of fs_cli costs FreeSWITCH memory of its own each time.
      assert.equal(await bus.api('reload', 'mod_event_agent'), '+OK scheduled');
      epochs.add(await until(async () => {
        const now = await epoch();
        return now > old && now;
      }, 'the module was not reloaded', 20_000));
      sizes.push({ threads: threads(made.child.pid), files: openFiles(made.child.pid), kb: residentKb(made.child.pid) });
    }
    assert.equal(epochs.size, 6, 'each load begins an epoch');
    assert.equal(await bus.api('uuid_exists', uuid), 'true', 'the call lives on');
    const [second, last] = [sizes[1], sizes.at(-1)];
    assert.ok(last.threads <= second.threads + 2 && last.files <= second.files + 2, `threads or files leak: ${JSON.stringify(sizes)}`);
    assert.ok(last.kb < second.kb + 4096, `memory grows by more than 4 MB in 4 reloads: ${JSON.stringify(sizes)}`);

    assert.match(await made.console('unload mod_event_agent'), /\+OK/);
    assert.equal(mapped(made.child.pid), false, 'the code is still mapped after the unload');
    await assert.rejects(bus.request('api', 'status'), (error) => error.code === '503');
  }));

  test('an unload does not wait for a call that nobody answers', { timeout: 120_000 }, () => withSwitch({}, async (made) => {
    await made.ready(bus);
    const events = await bus.events();
    const ringing = bus.request('cmd.originate', { endpoint: 'loopback/9180/default', extension: '&park', timeout: 60 }, 30_000);
    await events.waitFor({ event_name: 'CHANNEL_PROGRESS' });
    const started = Date.now();
    const unloaded = made.console('unload mod_event_agent');
    assert.equal((await ringing).success, false);
    assert.match(await unloaded, /\+OK/);
    assert.ok(Date.now() - started < 10_000, `the unload took ${Date.now() - started} ms`);
    assert.equal(mapped(made.child.pid), false);
    events.stop();
  }));

  test('without a broker it loads all the same, and serves when the broker comes', { timeout: 120_000 }, async () => {
    await nats.kill();
    await withSwitch({}, async (made) => {
      await made.child.waitForOutput(/Successfully Loaded \[mod_event_agent\]/, 60_000);
      await nats.restart();
      await made.ready(bus);
      assert.match(await made.console('event_agent'), /module/, 'its own verb tells the status');
    });
  });

  test('a driver that does not exist is an error in the log, and the module does not load', { timeout: 120_000 }, () => withSwitch({ agent: { driver: 'pigeon' } }, async (made) => {
    await made.child.waitForOutput(/\[ERR\].*\[mod_event_agent\].*driver: expected one of nats/, 60_000);
    await made.child.waitForOutput(/Error Loading module .*mod_event_agent/, 5_000);
    await until(async () => (await made.console('module_exists mod_event_agent')).startsWith('false'), 'the module counts as loaded');
    assert.equal(mapped(made.child.pid), false);
  }));

  test('a value that makes no sense is refused by name; an unknown name only warns', { timeout: 120_000 }, async () => {
    await withSwitch({ agent: { 'command-workers': 'many' } }, async (made) => {
      await made.child.waitForOutput(/\[ERR\].*command_workers: expected a whole number/, 60_000);
      await made.child.waitForOutput(/Error Loading module .*mod_event_agent/, 5_000);
    });
    await withSwitch({ agent: { 'comand-workers': '4' } }, async (made) => {
      await made.child.waitForOutput(/\[WARNING\].*comand-workers: unknown key; did you mean "command_workers"/, 60_000);
      await made.ready(bus);
    });
  });
});
