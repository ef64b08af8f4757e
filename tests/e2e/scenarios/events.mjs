import assert from 'node:assert/strict';

/** What one leg of a call went through, as the recordings of a real FreeSWITCH have it. */
const life = new Set([
  'CHANNEL_CREATE', 'CHANNEL_ORIGINATE', 'CHANNEL_PROGRESS', 'CHANNEL_PROGRESS_MEDIA', 'CHANNEL_ANSWER', 'CHANNEL_EXECUTE', 'CHANNEL_EXECUTE_COMPLETE',
  'CHANNEL_PARK', 'CHANNEL_UNPARK', 'CHANNEL_BRIDGE', 'CHANNEL_UNBRIDGE', 'CHANNEL_HANGUP', 'CHANNEL_HANGUP_COMPLETE', 'CHANNEL_DESTROY',
]);
// The inner leg's thread fires the outer leg's ANSWER, so its place before the application is FreeSWITCH's luck.
const outerLeg = 'CHANNEL_CREATE CHANNEL_ORIGINATE CHANNEL_EXECUTE CHANNEL_PARK CHANNEL_HANGUP CHANNEL_UNPARK CHANNEL_EXECUTE_COMPLETE CHANNEL_HANGUP_COMPLETE CHANNEL_DESTROY';
// Its partner's end reaches the inner leg in its application or just after it, so two orders are FreeSWITCH's.
const innerLeg = /^CHANNEL_CREATE CHANNEL_EXECUTE CHANNEL_ANSWER CHANNEL_EXECUTE_COMPLETE CHANNEL_EXECUTE (CHANNEL_EXECUTE_COMPLETE CHANNEL_HANGUP|CHANNEL_HANGUP CHANNEL_EXECUTE_COMPLETE) CHANNEL_HANGUP_COMPLETE CHANNEL_DESTROY$/;

export const lifeOf = (events, uuid) => events.names(uuid).filter((name) => life.has(name)).join(' ');

export function events(test, rig) {
  test('both legs of a loopback call go through their lives in the recorded order', async () => {
    const seen = await rig.bus.events();
    const { uuid } = await rig.bus.request('cmd.originate', { endpoint: 'loopback/9196/default', extension: '&park' });
    await seen.waitFor({ event_name: 'CHANNEL_PARK', uuid });
    const inner = (await seen.waitFor({ event_name: 'CHANNEL_CREATE', 'Channel-Name': 'loopback/9196-b' })).uuid;
    await seen.waitFor({ event_name: 'CHANNEL_EXECUTE', uuid: inner, Application: 'echo' });
    await rig.bus.request('cmd.hangup', { uuid, cause: 'CALL_REJECTED' });
    for (const leg of [uuid, inner]) await seen.waitFor({ event_name: 'CHANNEL_DESTROY', uuid: leg });
    assert.equal(lifeOf(seen, uuid).replace('CHANNEL_ANSWER ', ''), outerLeg);
    assert.equal(seen.names(uuid).filter((name) => name === 'CHANNEL_ANSWER').length, 1);
    assert.match(lifeOf(seen, inner), innerLeg);
    seen.stop();
  });

  test('an event carries the envelope, FreeSWITCH’s headers and the subject of its name', async () => {
    const seen = await rig.bus.events();
    const { uuid } = await rig.bus.request('cmd.originate', { endpoint: 'loopback/9196/default', extension: '&park', variables: { colour: 'blue' } });
    const answered = await seen.waitFor({ event_name: 'CHANNEL_ANSWER', uuid });
    await rig.bus.request('cmd.hangup', { uuid });
    const complete = await seen.waitFor({ event_name: 'CHANNEL_HANGUP_COMPLETE', uuid });
    assert.deepEqual([answered.subject, complete.subject], ['freeswitch.events.channel.answer', 'freeswitch.events.channel.hangup.complete']);
    const { headers } = answered;
    assert.deepEqual([answered.node_id, headers['Event-Name'], headers['Unique-ID'], headers['Call-Direction'], headers['Answer-State'], headers.variable_colour], [rig.slug, 'CHANNEL_ANSWER', uuid, 'outbound', 'answered', 'blue']);
    assert.equal(answered.timestamp, Number(headers['Event-Date-Timestamp']));
    assert.equal(answered.sequence, Number(headers['Event-Sequence']));
    assert.ok(Number.isInteger(answered.epoch) && Number.isInteger(answered.seq));
    for (const name of ['Core-UUID', 'FreeSWITCH-Hostname', 'Event-Date-Local', 'Event-Date-GMT', 'Channel-State', 'Channel-Name', 'Caller-Destination-Number', 'Caller-Context']) assert.ok(headers[name], `${name} is missing`);
    assert.ok(Object.values(headers).every((value) => typeof value === 'string'));
    assert.equal(complete.headers['Hangup-Cause'], 'NORMAL_CLEARING');
    seen.stop();
  });

  test('commands and reloads are events as well', async () => {
    const seen = await rig.bus.events();
    await rig.bus.api('echo', 'look at me');
    const api = await seen.waitFor({ event_name: 'API', 'API-Command': 'echo', 'API-Command-Argument': 'look at me' });
    assert.equal(api.subject, 'freeswitch.events.api');
    await rig.bus.api('reloadxml');
    await seen.waitFor({ event_name: 'RELOADXML' });
    seen.stop();
  });

  test('sequence numbers are gap-free over fifty calls at once', async () => {
    const seen = await rig.bus.events();
    const calls = await Promise.all(Array.from({ length: 50 }, () => rig.bus.request('cmd.originate', { endpoint: 'loopback/9196/default', extension: '&park' }, 20_000)));
    const uuids = calls.map((reply) => reply.uuid);
    assert.ok(uuids.every(Boolean), `not every call was placed: ${calls.find((reply) => !reply.success)?.message}`);
    await Promise.all(uuids.map((uuid) => rig.bus.request('cmd.hangup', { uuid })));
    for (const uuid of uuids) {
      await seen.waitFor({ event_name: 'CHANNEL_DESTROY', uuid }, 20_000);
      // Two threads raise a loopback leg's first events, so only its end has a fixed order under load.
      const life = lifeOf(seen, uuid);
      assert.deepEqual(life.split(' ').sort(), `CHANNEL_ANSWER ${outerLeg}`.split(' ').sort());
      assert.match(life, /CHANNEL_HANGUP .*CHANNEL_HANGUP_COMPLETE CHANNEL_DESTROY$/);
    }
    assert.deepEqual(rig.sequenceGaps(seen.all), []);
    seen.stop();
  });
}
