import assert from 'node:assert/strict';

export function status(test, rig) {
  test('status tells version, driver, counters and the broker’s state', async () => {
    const { success, message, data } = await rig.bus.request('cmd.status', '');
    assert.deepEqual([success, message], [true, 'System status']);
    assert.match(data.version, /^\d+\.\d+\.\d+$/);
    assert.deepEqual([data.driver, data.connected], ['nats', true]);
    for (const key of ['uptime', 'events_published', 'commands_received', 'events_failed', 'events_dropped', 'events_filtered', 'reconnects']) assert.ok(Number.isInteger(data[key]), key);
    for (const key of ['requests_received', 'requests_success', 'requests_failed']) assert.ok(Number.isInteger(data.stats[key]), key);
    assert.equal(data.stats.requests_received, data.commands_received);
    assert.equal((await rig.bus.request(`node.${rig.slug}`, { command: 'agent.status' })).message, 'Module status');
  });

  test('the log level changes at run time and comes back', async () => {
    const before = (await rig.bus.request('cmd.status', {})).data.log_level;
    for (const [asked, level] of [['WARN', 'warning'], ['emerg', 'emerg'], ['7', 'debug'], ['Error', 'err']]) {
      const reply = await rig.bus.request('cmd.status', { log_level: asked });
      assert.deepEqual([reply.message, reply.data.log_level, reply.data.log_level_updated], ['Log level updated', level, true]);
    }
    await rig.bus.request('cmd.status', { 'log-level': before });
    const now = (await rig.bus.request('cmd.status', {})).data;
    assert.deepEqual([now.log_level, now.log_level_updated], [before, undefined]);
  });

  test('a level that does not exist is refused and changes nothing', async () => {
    const before = (await rig.bus.request('cmd.status', {})).data.log_level;
    for (const [level, message] of [['loud', 'Invalid log level value'], [7, 'log_level must be a non-empty string'], [null, 'log_level must be a non-empty string'], ['', 'log_level must be a non-empty string']]) {
      const reply = await rig.bus.request('cmd.status', { log_level: level });
      assert.deepEqual([reply.success, reply.message, reply.data.log_level, reply.data.log_level_updated], [false, message, before, undefined]);
    }
  });
}
