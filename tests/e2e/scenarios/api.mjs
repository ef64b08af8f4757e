import assert from 'node:assert/strict';
import { until } from '../lib/wait.mjs';

/** Verbs whose replies say nothing about the machine, with FreeSWITCH's exact texts. */
const exact = {
  'global_getvar no_such_variable': '',
  'uuid_exists nosuch': 'false',
  'echo hi there': 'hi there',
  'module_exists mod_none': 'false',
  'hupall': '+OK hangup all channels with cause MANAGER_REQUEST\n',
  'hupall normal_clearing': '+OK hangup all channels with cause NORMAL_CLEARING\n',
  'uuid_hold nosuch': '+OK Success\n',
  'reloadxml': '+OK [Success]\n',
  'msleep 10': '+OK',
};

const failing = {
  'uuid_kill nosuch': '-ERR No such channel!\n',
  'uuid_kill': '-USAGE: <uuid> [cause]\n',
  'uuid_bridge a b': '-ERR Invalid uuid\n',
  'uuid_transfer nosuch 9196': '-ERR No such channel!\n',
  'uuid_getvar nosuch x': '-ERR No such channel!\n',
  'uuid_setvar nosuch a b': '-ERR No such channel!\n',
  'uuid_setvar': '-USAGE: <uuid> <var> [value]\n',
  'uuid_answer nosuch': '-ERROR\n',
  'uuid_park nosuch': '-ERR No such channel!\n',
  'uuid_broadcast nosuch x': '-ERR invalid uuid\n',
  'uuid_send_dtmf nosuch 1': '-ERR Cannot locate session!\n',
  'uuid_dump nosuch': '-ERR No such channel!\n',
  'uuid_break nosuch': '-ERR No such channel!\n',
  'uuid_record nosuch start x': '-ERR Cannot locate session!\n',
  'sched_hangup +1 nosuch': '-ERR No such channel!\n',
  'originate bogus': '-USAGE: <call url> <exten>|&<application_name>(<app_args>) [<dialplan>] [<context>] [<cid_name>] [<cid_num>] [<timeout_sec>]\n',
};

export function api(test, rig) {
  test('status, version, uptime and hostname answer in the envelope', async () => {
    for (const [command, text] of [['status', /is ready\n/], ['version', /^(FreeSWITCH|Strowger) Version .+\n$/], ['uptime', /^\d+\n$/], ['hostname', /^\S+$/]]) {
      const reply = await rig.bus.request('api', { command });
      assert.match(reply.data, text, command);
      assert.deepEqual([reply.success, reply.status, reply.message, reply.node_id], [true, 'success', 'API command executed', rig.slug]);
      assert.ok(Math.abs(reply.timestamp / 1000 - Date.now()) < 60_000, `timestamp ${reply.timestamp} is not now in µs`);
      assert.ok(!('code' in reply));
    }
  });

  test('plain text is a command too', async () => {
    assert.match((await rig.bus.request('api', ' status\n')).data, /is ready/);
    assert.equal((await rig.bus.request('api', 'show calls count')).data, '\n0 total.\n');
    assert.equal((await rig.bus.request('api', '"echo a  b"')).data, 'a  b');
  });

  test('a global variable that was set is read back', async () => {
    assert.equal(await rig.bus.api('global_setvar', 'e2e_place=Main Street 7'), '+OK');
    assert.equal(await rig.bus.api('global_getvar', 'e2e_place'), 'Main Street 7');
  });

  test('echo gives quotes, braces and umlauts back unchanged', async () => {
    const text = 'say "hi", {grün=1} \\ & <ü>';
    assert.equal(await rig.bus.api('echo', text), text);
  });

  test('verbs answer with the texts of FreeSWITCH', async () => {
    for (const [line, text] of Object.entries(exact)) assert.deepEqual([line, (await rig.bus.request('api', line)).data], [line, text]);
  });

  test('an answer that begins with -ERR or -USAGE is a failure with that text', async () => {
    for (const [line, text] of Object.entries(failing)) {
      const { success, status, message, code, data } = await rig.bus.request('api', line);
      assert.deepEqual({ line, success, status, message, code, data }, { line, success: false, status: 'error', message: text, code: 'api_error', data: undefined });
    }
  });

  test('an unknown verb fails with the engine’s own text', async () => {
    const reply = await rig.bus.request('api', { command: 'no_such_verb', args: 'x' });
    assert.deepEqual([reply.success, reply.message, reply.code], [false, 'INVALID COMMAND!\n', 'api_error']);
  });

  test('show lists channels, calls and modules', async () => {
    for (const what of ['channels', 'calls']) assert.match(await rig.bus.api('show', what), /(^uuid,direction,.*\n\n0 total\.\n$)|(^\n0 total\.\n$)/);
    const json = JSON.parse(await rig.bus.api('show', 'channels as json'));
    assert.equal(json.row_count, 0);
    // FreeSWITCH lists from a database that it fills in the background.
    const modules = await until(async () => {
      const text = await rig.bus.api('show', 'modules');
      return text.includes('mod_event_agent') && text;
    }, 'show modules does not name mod_event_agent');
    assert.match(modules, /^type,name,ikey,filename\n/);
    assert.match(modules, /\n\n\d+ total\.\n$/);
  });

  test('what is no request is refused by name', async () => {
    const cases = [
      ['{"command":', 'Invalid JSON payload', 'bad_json'],
      ['', 'Invalid JSON payload', 'bad_json'],
      ['{"command":"status"} x', 'Invalid JSON payload', 'bad_json'],
      [`${'['.repeat(100)}${']'.repeat(100)}`, 'Invalid JSON payload', 'bad_json'],
      [new Uint8Array([0x7b, 0xff, 0xfe, 0x00, 0x7d]), 'Invalid JSON payload', 'bad_json'],
      [new Uint8Array([0x80, 0x81]), 'Invalid JSON payload', 'bad_json'],
      ['{"args":"x"}', "Missing or invalid 'command' field", 'missing_command'],
      ['{"command":7}', "Missing or invalid 'command' field", 'missing_command'],
      ['[1]', "Missing or invalid 'command' field", 'missing_command'],
      ['{"command":"echo","args":5}', 'args must be a string', 'invalid_field'],
    ];
    for (const [payload, message, code] of cases) {
      const reply = await rig.bus.request('api', payload);
      assert.deepEqual([String(payload).slice(0, 30), reply.success, reply.message, reply.code], [String(payload).slice(0, 30), false, message, code]);
    }
  });

  test('a request of 10 MB gets a clear refusal, and the next one is served', async () => {
    const reply = await rig.bus.request('api', `{"command":"echo","args":"${'x'.repeat(10 << 20)}"}`, 20_000);
    assert.deepEqual([reply.success, reply.message, reply.code], [false, 'Request exceeds maximum payload size', 'too_large']);
    const garbage = new Uint8Array(10 << 20).map((_, index) => (index * 2654435761) >>> 24);
    assert.equal((await rig.bus.request('api', garbage, 20_000)).success, false);
    assert.equal(await rig.bus.api('echo', 'still here'), 'still here');
  });

  test('a hundred requests at once are each answered once with their own answer', async () => {
    const texts = Array.from({ length: 100 }, (_, n) => `text ${n}`);
    assert.deepEqual(await Promise.all(texts.map((text) => rig.bus.api('echo', text))), texts);
  });

  test('an async request draws no reply, but runs', async () => {
    assert.deepEqual(await rig.bus.requestMany('api', { command: 'global_setvar', args: 'e2e_async=done', async: true }), []);
    assert.equal(await rig.bus.api('global_getvar', 'e2e_async'), 'done');
  });
}
