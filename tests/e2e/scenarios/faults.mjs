import assert from 'node:assert/strict';
import { until } from '../lib/wait.mjs';

export function faults(test, rig) {
  test('the broker dies and comes back under load: calls live on, commands are served again, the epoch stays', async () => {
    const events = await rig.bus.events();
    const { uuid } = await rig.bus.request('cmd.originate', { endpoint: 'loopback/9196/default', extension: '&park' });
    const before = await events.waitFor({ event_name: 'CHANNEL_PARK', uuid });
    let loading = true;
    const load = Promise.all(Array.from({ length: 20 }, async () => {
      while (loading) await rig.bus.request('api', { command: 'echo', args: 'load' }, 500).catch(() => {});
    }));

    await rig.nats.kill();
    await new Promise((done) => setTimeout(done, 700)); // the outage itself
    await rig.nats.restart();
    const back = Date.now();
    await until(async () => (await rig.bus.request('api', { command: 'echo', args: 'back' }, 500)).data === 'back', 'commands were not served again');
    assert.ok(Date.now() - back < 3000, `served again only after ${Date.now() - back} ms`);
    loading = false;
    await load;

    assert.equal(await rig.bus.api('uuid_exists', uuid), 'true');
    const status = (await rig.bus.request('cmd.status', {})).data;
    assert.ok(status.connected && status.reconnects >= 1, JSON.stringify([status.connected, status.reconnects]));
    await rig.bus.request('cmd.hangup', { uuid });
    const after = await events.waitFor({ event_name: 'CHANNEL_DESTROY', uuid });
    assert.equal(after.epoch, before.epoch);
    assert.ok(after.seq > before.seq);
    events.stop();
  });

  test('what happens while the broker is away is published when it is back', async () => {
    const { uuid } = await rig.bus.request('cmd.originate', { endpoint: 'loopback/9196/default', extension: '&park' });
    const before = (await rig.bus.request('cmd.status', {})).data;
    assert.match(await rig.bus.api('sched_hangup', `+1 ${uuid} ALLOTTED_TIMEOUT`), /^\+OK/);
    await rig.nats.kill();
    await new Promise((done) => setTimeout(done, 2500)); // the outage itself, with the hang-up in it
    await rig.nats.restart();
    await until(async () => (await rig.bus.request('api', { command: 'uuid_exists', args: uuid }, 500)).data === 'false', 'the call did not end during the outage');

    const now = await until(async () => {
      const { data } = await rig.bus.request('cmd.status', {});
      return data.event_queue === 0 && data;
    }, 'the queued events were not published');
    assert.ok(now.events_published - before.events_published > 10, `only ${now.events_published - before.events_published} events were published`);
    assert.deepEqual([now.events_dropped, now.events_failed], [before.events_dropped, before.events_failed]);
  });
}
