import assert from 'node:assert/strict';

const causes = {
  'user/9999': 'SUBSCRIBER_ABSENT',
  'user/1001': 'USER_NOT_REGISTERED',
  'sofia/gateway/none/5551234': 'INVALID_GATEWAY',
  'loopback/9480/default': 'NORMAL_CLEARING',
  'loopback/9486/default': 'USER_BUSY',
  'nosuch/1000': 'CHAN_NOT_IMPLEMENTED',
};

export function originate(test, rig) {
  test('a call is placed with the uuid, caller id and variables of the request', async () => {
    const events = await rig.bus.events('channel.>');
    const uuid = await rig.bus.api('create_uuid');
    const variables = { campaign: 'spring, north', quoted: `it's "so" {x=1} [y] \\ = ü`, price: 7, paid: true };
    const reply = await rig.bus.request('cmd.originate', { endpoint: 'loopback/9196/default', extension: '&park', uuid, caller_id_name: 'Desk, 2nd floor', caller_id_number: '5550100', variables });
    assert.deepEqual(
      [reply.success, reply.message, reply.data, reply.uuid, reply.endpoint, reply.destination],
      [true, 'Call originated successfully', `+OK ${uuid}\n`, uuid, 'loopback/9196/default', '&park'],
    );
    for (const [name, value] of Object.entries(variables)) assert.equal(await rig.bus.api('uuid_getvar', `${uuid} ${name}`), String(value));
    const created = await events.waitFor({ event_name: 'CHANNEL_CREATE', uuid });
    assert.deepEqual([created.headers['Caller-Caller-ID-Name'], created.headers['Caller-Caller-ID-Number']], ['Desk, 2nd floor', '5550100']);
    assert.equal(created.headers.variable_campaign, 'spring, north');
    await events.waitFor({ event_name: 'CHANNEL_PARK', uuid });
    assert.equal(await rig.bus.api('uuid_exists', uuid), 'true');
    events.stop();
  });

  test('a call goes to an extension of the dialplan as well as to an application', async () => {
    const events = await rig.bus.events('channel.>');
    const { uuid } = await rig.bus.request('cmd.originate', { endpoint: 'loopback/9196/default', destination: '5900', context: 'default', dialplan: 'XML' });
    assert.ok(uuid);
    await events.waitFor({ event_name: 'CHANNEL_PARK', uuid });
    events.stop();
  });

  test('a call that fails names its cause', async () => {
    for (const [endpoint, cause] of Object.entries(causes)) {
      const reply = await rig.bus.request('cmd.originate', { endpoint, extension: '&park' });
      assert.deepEqual([endpoint, reply.success, reply.message, reply.cause, reply.data], [endpoint, false, `-ERR ${cause}\n`, cause, undefined]);
      assert.deepEqual((await rig.bus.request('api', `originate ${endpoint} &park`)).message, `-ERR ${cause}\n`);
    }
  });

  test('nobody answers: the call ends with its timeout, and delays no other request', async () => {
    const started = Date.now();
    const ringing = rig.bus.request('cmd.originate', { endpoint: 'loopback/9180/default', extension: '&park', timeout: 2 });
    for (let n = 0; n < 5; n += 1) {
      const asked = Date.now();
      await rig.bus.api('echo', 'meanwhile');
      assert.ok(Date.now() - asked < 500, `an echo took ${Date.now() - asked} ms while a call was ringing`);
    }
    const reply = await ringing;
    assert.deepEqual([reply.success, reply.cause], [false, 'NO_ANSWER']);
    assert.ok(Date.now() - started < 6000, 'the timeout of 2 s took more than 6');
  });

  test('a request that makes no sense is refused before anything is dialled', async () => {
    const cases = [
      [{}, 'Missing required fields'],
      [{ endpoint: 'user/1000' }, 'Missing required fields'],
      [{ endpoint: 7, extension: '&park' }, 'endpoint must be between 1 and 255 characters'],
      [{ endpoint: 'user/1000 &park', extension: '&park' }, 'endpoint contains forbidden characters'],
      [{ endpoint: 'user/1000', extension: '&park(' }, 'extension contains forbidden characters'],
      [{ endpoint: 'user/1000', extension: '&park', timeout: 0 }, 'timeout must be between 1 and 600 seconds'],
      [{ endpoint: 'user/1000', extension: '&park', variables: { a: {} } }, 'variables must be an object of scalar values'],
      [{ endpoint: 'user/1000', extension: '&park', variables: { 'a b': 1 } }, 'variables contains an invalid name or value'],
      [{ endpoint: 'user/1000', extension: '&park', variables: { execute_on_answer: 'x' } }, 'variables contains an invalid name or value'],
      [{ endpoint: 'user/1000', extension: '&park', uuid: 'x y' }, 'uuid must be between 8 and 63 characters'],
    ];
    for (const [request, message] of cases) {
      const reply = await rig.bus.request('cmd.originate', request);
      assert.deepEqual([JSON.stringify(request), reply.success, reply.message], [JSON.stringify(request), false, message]);
    }
  });

  test('the async form never replies, and the call appears in the events', async () => {
    const events = await rig.bus.events('channel.>');
    const uuid = await rig.bus.api('create_uuid');
    assert.deepEqual(await rig.bus.requestMany('cmd.async.originate', { endpoint: 'loopback/9196/default', extension: '&park', uuid }), []);
    await events.waitFor({ event_name: 'CHANNEL_PARK', uuid });
    assert.deepEqual(await rig.bus.requestMany('cmd.async.originate', 'garbage'), []);
    events.stop();
  });

  test('the originate verb with its argument text works as well', async () => {
    const reply = await rig.bus.request('api', { command: 'originate', args: '{origination_caller_id_number=1001}loopback/9196/default &park' });
    assert.match(reply.data, /^\+OK [0-9a-f-]{36}\n$/);
  });
}
