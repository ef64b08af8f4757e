import assert from 'node:assert/strict';
import path from 'node:path';
import { available, Phone } from '../lib/baresip.mjs';
import { until } from '../lib/wait.mjs';
import { heardTone, readWav } from '../lib/wav.mjs';

export function recording(test, rig) {
  const skip = available() ? false : 'baresip is not installed';

  async function bridgedPhones() {
    const events = await rig.bus.events('channel.>');
    const a = await rig.owned(Phone.start({ user: '1000', tone: 440, sip: rig.switch.sip, password: 'pw-1000' }));
    const b = await rig.owned(Phone.start({ user: '1001', tone: 1200, sip: rig.switch.sip, password: 'pw-1001' }));
    const from = await a.call('1001');
    await a.waitFor('CALL_ESTABLISHED', from);
    await b.hears(440);
    await a.hears(1200);
    const { uuid } = await events.waitFor((event) => event.event_name === 'CHANNEL_ANSWER' && event.headers['Call-Direction'] === 'inbound');
    events.stop();
    return uuid;
  }

  async function record(uuid, name) {
    const file = path.join(rig.switch.folder, name);
    const events = await rig.bus.events();
    assert.match(await rig.bus.api('uuid_record', `${uuid} start ${file}`), /^\+OK/);
    await events.waitFor({ event_name: 'RECORD_START', uuid });
    await until(() => readWav(file).channels[0].length > 16_000, `${file} does not grow to 2 s`, 15_000);
    assert.match(await rig.bus.api('uuid_record', `${uuid} stop ${file}`), /^\+OK/);
    await events.waitFor({ event_name: 'RECORD_STOP', uuid });
    events.stop();
    return readWav(file);
  }

  test('a bridged call is recorded with both tones', { skip }, async () => {
    const { rate, channels } = await record(await bridgedPhones(), 'mixed.wav');
    assert.equal(channels.length, 1);
    for (const hz of [440, 1200]) assert.ok(heardTone({ rate, samples: channels[0] }, hz, { share: 0.25 }) >= 1000, `${hz} Hz is not in the recording`);
  });

  test('in stereo each leg has its own channel', { skip }, async () => {
    const uuid = await bridgedPhones();
    await rig.bus.api('uuid_setvar', `${uuid} RECORD_STEREO true`);
    const { rate, channels } = await record(uuid, 'stereo.wav');
    assert.equal(channels.length, 2);
    for (const [channel, hz] of [[0, 440], [1, 1200]]) assert.ok(heardTone({ rate, samples: channels[channel] }, hz) >= 1000, `channel ${channel} does not carry ${hz} Hz`);
  });
}
