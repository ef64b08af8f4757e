import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Child } from '../lib/child.mjs';
import { skipUnless } from '../lib/skip.mjs';
import { until } from '../lib/wait.mjs';
import { binary, Exchange, missing, strowger, surroundings } from './strowger.mjs';

skipUnless(missing);

describe('the command line', () => {
  test('is used wrongly: exit code 2, and a word about what was expected', async () => {
    for (const args of [[], ['dance'], ['api'], ['up', '--loud'], ['up', '--log-level', 'loud'], ['api', '--timeout', '-1', 'status']]) {
      const { code, stderr } = await strowger(args);
      assert.equal(code, 2, args.join(' '));
      assert.notEqual(stderr.trim(), '', args.join(' '));
    }
  });

  test('helps with examples, for each command', async () => {
    assert.match((await strowger(['--version'])).stdout, /^strowger \d+\.\d+\.\d+\n$/);
    for (const args of [['--help'], ...['up', 'switch', 'api', 'events', 'doctor', 'check-config'].map((name) => [name, '--help'])]) {
      const { code, stdout } = await strowger(args);
      assert.equal(code, 0);
      assert.match(stdout, /Examples:\n/, args.join(' '));
    }
  });
});

describe('strowger check-config', () => {
  const write = (folder, text) => {
    const file = path.join(folder, 'some.toml');
    fs.writeFileSync(file, text);
    return file;
  };

  test('prints one problem a line and fails', async () => {
    const { folder } = await surroundings('check');
    const file = write(folder, '[log]\nlevle = "info"\n[http]\nport = 99999\n');
    const { code, stderr } = await strowger(['check-config', file]);
    assert.equal(code, 1);
    const lines = stderr.trim().split('\n');
    assert.equal(lines.length, 2, stderr);
    assert.ok(lines.some((line) => /log\.levle: unknown key.*"level"/.test(line)), stderr);
    assert.ok(lines.some((line) => /http\.port: expected a whole number from 1 to 65535/.test(line)), stderr);
  });

  test('says where TOML itself is broken, and that a file is missing', async () => {
    const { folder } = await surroundings('broken');
    assert.match((await strowger(['check-config', write(folder, 'a = [1,\n')])).stderr, /some\.toml:\d+: /);
    const none = await strowger(['check-config', path.join(folder, 'none.toml')]);
    assert.equal(none.code, 1);
    assert.match(none.stderr, /none\.toml: cannot be read: No such file or directory/);
  });

  test('dumps what counts, but no secret', async () => {
    const { folder } = await surroundings('dump');
    const file = write(folder, '[hub]\ntoken = "sesame"\nurl = "nats://me:open@127.0.0.1"\n[switch.users.1000]\npassword = "hush"\n');
    const { code, stdout } = await strowger(['check-config', '--dump', file], { env: { STROWGER_HTTP_PORT: '8123' } });
    assert.equal(code, 0);
    assert.match(stdout, /^http\.port = 8123$/m);
    assert.match(stdout, /^switch\.users\.1000\.password = "\*\*\*"$/m);
    assert.doesNotMatch(stdout, /sesame|hush|me:open/);
  });
});

describe('commands and events', () => {
  let exchange;
  before(async () => {
    exchange = await Exchange.start('commands');
  });
  after(() => exchange?.stop());

  test('api prints the answer; a refusal goes to stderr and fails', async () => {
    const good = await exchange.run('api', 'status');
    assert.equal(good.code, 0);
    assert.match(good.stdout, /^UP 0 years/);
    const bad = await exchange.run('api', 'uuid_kill', '13d8b082-6ddd-43b2-b23c-28eb70f73d95');
    assert.deepEqual([bad.code, bad.stdout, bad.stderr], [1, '', '-ERR No such channel!\n']);
  });

  test('api --json prints the whole reply, and --node asks one node', async () => {
    const { node_id: node } = JSON.parse((await exchange.page('/health')).text);
    const { code, stdout } = await exchange.run('api', '--json', '--node', node.toUpperCase(), 'hostname');
    assert.equal(code, 0);
    assert.equal(JSON.parse(stdout).node_id, node);
    const nobody = await exchange.run('api', '--node', 'nobody', 'status');
    assert.equal(nobody.code, 1);
    assert.match(nobody.stderr, /no node "nobody" is connected/);
  });

  test('api says when there is no NATS, and what to do', async () => {
    const { code, stderr } = await exchange.run('api', '--url', 'nats://127.0.0.1:1', 'status');
    assert.equal(code, 1);
    assert.match(stderr, /no NATS server at nats:\/\/127\.0\.0\.1:1.*\n.*strowger up/);
  });

  test('events prints a line an event, filtered, and leaves after --count', async () => {
    const watching = new Child('events', binary, ['events', '--count', '2', 'CHANNEL_CREATE', 'channel_hangup_comp*'], { folder: exchange.folder, env: exchange.env });
    await until(async () => {
      await exchange.run('api', 'originate', 'null/9196', '&hangup');
      return !watching.running;
    }, () => `events still runs:\n${watching.output()}`);
    const lines = watching.output().trim().split('\n');
    assert.equal(lines.length, 2, watching.output());
    for (const line of lines)
      assert.match(line, /^\d\d:\d\d:\d\d\.\d{3} {2}CHANNEL_(CREATE|HANGUP_COMPLETE) +[0-9a-f]{8} {2}outbound .*→/);
  });

  test('events --json prints the events as published', async () => {
    const watching = new Child('events-json', binary, ['events', '--json', '--count', '3'], { folder: exchange.folder, env: exchange.env });
    await until(async () => {
      await exchange.run('api', 'originate', 'null/9196', '&hangup');
      return !watching.running;
    }, () => `events still runs:\n${watching.output()}`);
    const events = watching.output().trim().split('\n').map((line) => JSON.parse(line));
    assert.deepEqual(events.map((event) => event.seq), [0, 1, 2].map((i) => events[0].seq + i));
  });

  test('doctor finds everything well while the exchange runs', async () => {
    const { code, stdout, stderr } = await exchange.run('doctor');
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /^ok +NATS .*version \d/m);
    assert.doesNotMatch(stdout, /^fail/m);
  });
});

describe('strowger doctor', () => {
  test('fails on a broken configuration and says how to mend it', async () => {
    const around = await surroundings('ill');
    const file = path.join(around.folder, 'strowger.toml');
    fs.writeFileSync(file, '[http]\nprot = 1\n');
    const { code, stdout } = await strowger(['doctor', '--config', file], around);
    assert.equal(code, 1);
    assert.match(stdout, /^fail +configuration .*did you mean "port"/m);
  });
});
