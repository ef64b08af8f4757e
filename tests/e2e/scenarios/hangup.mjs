import assert from 'node:assert/strict';

export function hangup(test, rig) {
  const call = async () => {
    const reply = await rig.bus.request('cmd.originate', { endpoint: 'loopback/9196/default', extension: '&park' });
    assert.equal(reply.success, true, reply.message);
    return reply.uuid;
  };

  test('an unknown uuid fails with the host’s text', async () => {
    const reply = await rig.bus.request('cmd.hangup', { uuid: '00000000-0000-0000-0000-000000000000' });
    assert.deepEqual([reply.success, reply.message, reply.code], [false, '-ERR No such channel!\n', 'api_error']);
    assert.equal((await rig.bus.request('cmd.hangup', {})).message, 'Missing uuid');
    assert.equal((await rig.bus.request('cmd.hangup', { uuid: 'a b' })).message, 'uuid contains forbidden characters');
  });

  test('a call ends with the cause asked for, by name or number', async () => {
    const events = await rig.bus.events('channel.>');
    for (const [cause, name] of [['USER_BUSY', 'USER_BUSY'], ['21', 'CALL_REJECTED'], [undefined, 'NORMAL_CLEARING'], ['', 'NORMAL_CLEARING']]) {
      const uuid = await call();
      const reply = await rig.bus.request('cmd.hangup', { uuid, cause });
      assert.deepEqual([reply.success, reply.message, reply.data], [true, 'Channel hangup successful', uuid]);
      const ended = await events.waitFor({ event_name: 'CHANNEL_HANGUP_COMPLETE', uuid });
      assert.equal(ended.headers['Hangup-Cause'], name);
      await events.waitFor({ event_name: 'CHANNEL_DESTROY', uuid });
      assert.equal(await rig.bus.api('uuid_exists', uuid), 'false');
    }
    events.stop();
  });

  test('the async form hangs up without a reply', async () => {
    const events = await rig.bus.events('channel.>');
    const uuid = await call();
    assert.deepEqual(await rig.bus.requestMany('cmd.async.hangup', { uuid, cause: 'CALL_REJECTED' }), []);
    assert.equal((await events.waitFor({ event_name: 'CHANNEL_HANGUP', uuid })).headers['Hangup-Cause'], 'CALL_REJECTED');
    events.stop();
  });
}
