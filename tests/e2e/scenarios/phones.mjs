import assert from 'node:assert/strict';
import { available as haveBaresip, Phone } from '../lib/baresip.mjs';
import { available as haveSipp, Sipp } from '../lib/sipp.mjs';
import { until } from '../lib/wait.mjs';
import { lifeOf } from './events.mjs';

const callerOf = (event) => event.headers['Caller-Caller-ID-Number'];

/** The leg of the phone `user`, found by the event that says it is parked. */
const parkedLeg = (events, user) => events.waitFor((event) => event.event_name === 'CHANNEL_PARK' && callerOf(event) === user).then((event) => event.uuid);

export function sippCalls(test, rig) {
  const skip = haveSipp() ? false : 'sipp is not installed';

  test('a phone calls the echo and hangs up: its leg lives in the recorded order', { skip }, async () => {
    const events = await rig.bus.events();
    const call = await Sipp.call('hang_up', { sip: rig.switch.sip, to: '9196', from: 'alice' });
    const { uuid, headers } = await events.waitFor((event) => event.event_name === 'CHANNEL_CREATE' && callerOf(event) === 'alice');
    assert.deepEqual([headers['Call-Direction'], headers['Caller-Destination-Number'], headers['Caller-Context']], ['inbound', '9196', 'default']);
    await call.finished();
    const complete = await events.waitFor({ event_name: 'CHANNEL_HANGUP_COMPLETE', uuid });
    assert.equal(complete.headers['Hangup-Cause'], 'NORMAL_CLEARING');
    await events.waitFor({ event_name: 'CHANNEL_DESTROY', uuid });
    assert.equal(
      lifeOf(events, uuid).replace('CHANNEL_PROGRESS_MEDIA ', ''), // FreeSWITCH has it with some profiles
      'CHANNEL_CREATE CHANNEL_EXECUTE CHANNEL_ANSWER CHANNEL_EXECUTE_COMPLETE CHANNEL_EXECUTE CHANNEL_HANGUP CHANNEL_EXECUTE_COMPLETE CHANNEL_HANGUP_COMPLETE CHANNEL_DESTROY',
    );
    events.stop();
  });

  test('a caller that gives up while it rings ends with ORIGINATOR_CANCEL', { skip }, async () => {
    const events = await rig.bus.events('channel.>');
    const call = await Sipp.call('cancel', { sip: rig.switch.sip, to: '9180', from: 'carol' });
    await call.finished();
    const ended = await events.waitFor((event) => event.event_name === 'CHANNEL_HANGUP_COMPLETE' && callerOf(event) === 'carol');
    assert.equal(ended.headers['Hangup-Cause'], 'ORIGINATOR_CANCEL');
    events.stop();
  });

  test('a busy extension answers 486 to the phone', { skip }, async () => {
    await (await Sipp.call('refused', { sip: rig.switch.sip, to: '9486', code: '486' })).finished();
  });

  test('a number that the dialplan does not know answers 404 to the phone', { skip }, async () => {
    await (await Sipp.call('refused', { sip: rig.switch.sip, to: '77777', code: '404' })).finished();
  });

  test('a call killed with a cause tells the phone in the BYE’s Reason', { skip }, async () => {
    const events = await rig.bus.events('channel.>');
    const call = await Sipp.call('wait_for_bye', { sip: rig.switch.sip, to: '5900', from: 'dave', q850: '21' });
    const uuid = await parkedLeg(events, 'dave');
    await rig.bus.request('cmd.hangup', { uuid, cause: 'CALL_REJECTED' });
    await call.finished();
    assert.equal((await events.waitFor({ event_name: 'CHANNEL_HANGUP_COMPLETE', uuid })).headers['Hangup-Cause'], 'CALL_REJECTED');
    events.stop();
  });

  test('a call killed while it rings answers the phone with the cause’s code', { skip }, async () => {
    const events = await rig.bus.events('channel.>');
    const call = await Sipp.call('refused', { sip: rig.switch.sip, to: '9180', from: 'erin', code: '486' });
    const { uuid } = await events.waitFor((event) => event.event_name === 'CHANNEL_PROGRESS' && callerOf(event) === 'erin');
    await rig.bus.request('cmd.hangup', { uuid, cause: 'USER_BUSY' });
    await call.finished();
    events.stop();
  });
}

export function phoneCalls(test, rig) {
  const skip = haveBaresip() ? false : 'baresip is not installed';
  const phone = (user, tone, more = {}) => rig.owned(Phone.start({ user, tone, sip: rig.switch.sip, password: `pw-${user}`, ...more }));

  test('a phone that calls the echo hears itself', { skip }, async () => {
    const caller = await phone('1000', 440);
    const from = await caller.call('9196');
    await caller.waitFor('CALL_ESTABLISHED', from);
    await caller.hears(440, { forMs: 1500 });
    await caller.hangUp();
    await caller.waitFor('CALL_CLOSED', from);
  });

  test('a phone that registers over TCP hears the milliwatt tone', { skip }, async () => {
    const caller = await phone('1000', 440, { transport: 'tcp' });
    const from = await caller.call(`9197@${rig.switch.sip};transport=tcp`);
    await caller.waitFor('CALL_ESTABLISHED', from);
    await caller.hears(1004, { forMs: 1500 });
  });

  test('two parked phones are bridged from the bus: each hears the other and not itself', { skip }, async () => {
    const events = await rig.bus.events('channel.>');
    const [a, b] = [await phone('1000', 440), await phone('1001', 1200)];
    await a.call('5900');
    await b.call('5900');
    const [legA, legB] = [await parkedLeg(events, '1000'), await parkedLeg(events, '1001')];
    const reply = await rig.bus.request('api', { command: 'uuid_bridge', args: `${legA} ${legB}` });
    assert.deepEqual([reply.success, reply.data], [true, `+OK ${legB}\n`]);
    const bridged = await events.waitFor({ event_name: 'CHANNEL_BRIDGE' });
    assert.deepEqual([bridged.headers['Bridge-A-Unique-ID'], bridged.headers['Bridge-B-Unique-ID']].sort(), [legA, legB].sort());
    await a.hears(1200, { forMs: 1500 });
    await b.hears(440, { forMs: 1500 });
    await assert.rejects(a.hears(440, { forMs: 500, ms: 500 }), /heard 440 Hz/, 'a hears itself');

    await rig.bus.request('cmd.hangup', { uuid: legA });
    for (const one of [a, b]) await one.waitFor('CALL_CLOSED');
    for (const leg of [legA, legB]) await events.waitFor({ event_name: 'CHANNEL_HANGUP_COMPLETE', uuid: leg });
    events.stop();
  });

  test('one phone dials another through the dialplan; when one hangs up both are free', { skip }, async () => {
    const [a, b] = [await phone('1000', 440), await phone('1001', 1200)];
    const from = await a.call('1001');
    await a.waitFor('CALL_ESTABLISHED', from);
    await b.waitFor('CALL_ESTABLISHED');
    await a.hears(1200);
    await b.hears(440);
    await b.hangUp();
    await a.waitFor('CALL_CLOSED', from);
    assert.equal(await rig.noCalls(), true);
  });

  test('a registered phone is called from the bus, answers and hears what is played', { skip }, async () => {
    const events = await rig.bus.events('channel.>');
    const callee = await phone('1000', 440);
    const reply = await rig.bus.request('cmd.originate', { endpoint: 'user/1000', extension: '&playback(tone_stream://%(20000,0,620))', caller_id_name: 'The bus', caller_id_number: '5550100' });
    assert.equal(reply.success, true, reply.message);
    await callee.hears(620, { forMs: 1500 });
    assert.match(callee.trace(), /From: "?The bus"? <sip:5550100@/);
    await rig.bus.request('cmd.hangup', { uuid: reply.uuid });
    await callee.waitFor('CALL_CLOSED');
    events.stop();
  });

  test('cmd.bridge connects a parked phone to a dial string', { skip }, async () => {
    const events = await rig.bus.events('channel.>');
    const [a, b] = [await phone('1000', 440), await phone('1001', 1200)];
    await a.call('5900');
    const uuid = await parkedLeg(events, '1000');
    const reply = await rig.bus.request('cmd.bridge', { uuid, destination: 'user/1001', caller_id_number: '5550123' });
    assert.deepEqual([reply.success, reply.message, reply.data, reply.destination], [true, 'Bridge initiated', uuid, 'user/1001']);
    await events.waitFor({ event_name: 'CHANNEL_BRIDGE', uuid });
    await a.hears(1200);
    await b.hears(440);
    events.stop();
  });

  test('keys pressed on the phone are DTMF events in their order; keys sent to it arrive', { skip }, async () => {
    const events = await rig.bus.events();
    const caller = await phone('1000', 440);
    const from = await caller.call('5900');
    const uuid = await parkedLeg(events, '1000');
    for (const key of '159#') {
      await caller.press(key);
      await events.waitFor({ event_name: 'DTMF', 'DTMF-Digit': key, uuid });
    }
    assert.equal(events.matching({ event_name: 'DTMF', uuid }).map((event) => event.headers['DTMF-Digit']).join(''), '159#');
    assert.equal(await rig.bus.api('uuid_send_dtmf', `${uuid} 42`), `+OK ${uuid} sent DTMF 42.\n`);
    await until(
      () => caller.control.events.slice(from).filter((event) => event.type === 'CALL_DTMF_START').map((event) => event.param).join('') === '42',
      'the phone did not receive the digits 42',
    );
    events.stop();
  });

  test('a phone holds and resumes: its partner hears the hold music, then the phone again', { skip }, async () => {
    const events = await rig.bus.events('channel.>');
    const [a, b] = [await phone('1000', 440), await phone('1001', 1200)];
    let from = await a.call('1001');
    await a.waitFor('CALL_ESTABLISHED', from);
    await a.hears(1200);
    await b.hears(440);

    from = a.mark;
    const beforeHold = b.earMark();
    await a.hold();
    await a.waitFor('CALL_REMOTE_SDP', from);
    await events.waitFor({ event_name: 'CHANNEL_HOLD' });
    await b.hears(rig.holdTone, { since: beforeHold });

    from = a.mark;
    await a.resume();
    await a.waitFor('CALL_REMOTE_SDP', from);
    await events.waitFor({ event_name: 'CHANNEL_UNHOLD' });
    // Only the partner can tell: baresip 1.0 itself plays nothing any more after it has held a call.
    await b.hears(440, { since: b.earMark(), forMs: 1000 });
    events.stop();
  });
}
