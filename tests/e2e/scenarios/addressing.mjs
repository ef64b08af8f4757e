import assert from 'node:assert/strict';
import { after, before, describe } from 'node:test';

async function nobodyListens(request) {
  await assert.rejects(request, (error) => error.code === '503', 'a request to a subject without subscriber must fail at once');
}

export function addressing(test, rig) {
  test('the node’s own subjects reach it under its slug', async () => {
    assert.equal((await rig.bus.request(`api.${rig.slug}`, { command: 'echo', args: 'suffix' })).data, 'suffix');
    assert.equal((await rig.bus.request(`node.${rig.slug}`, { command: 'echo', args: 'lane' })).data, 'lane');
    assert.equal((await rig.bus.request(`cmd.status.${rig.slug}`, {})).message, 'System status');
  });

  test('a subject that nobody serves is refused by the broker at once', async () => {
    await nobodyListens(rig.bus.request('api.no_such_node', { command: 'status' }));
    await nobodyListens(rig.bus.request('cmd.no_such_command', {}));
  });

  test('a request for another node’s id is dropped in silence', async () => {
    assert.deepEqual(await rig.bus.requestMany('api', { command: 'status', node_id: 'another' }), []);
    assert.deepEqual(await rig.bus.requestMany('cmd.status', { node_id: '' }), []);
  });

  test('its own id is recognised as text, as slug and in a list', async () => {
    for (const id of [rig.nodeId, rig.slug, ['another', rig.nodeId]]) {
      assert.equal((await rig.bus.requestMany('api', { command: 'echo', args: 'me', node_id: id }))[0]?.data, 'me', JSON.stringify(id));
    }
  });

  describe('with a second node', () => {
    let other;
    before(async () => {
      other = await rig.another({ nodeId: 'E2E second.node', agent: { include_events: 'CHANNEL_ANSWER,CHANNEL_HANGUP*,CUSTOM e2e::wanted', exclude_events: 'CHANNEL_HANGUP_COMPLETE' } });
    });
    after(() => other?.stop());

    test('a broadcast draws a reply from each, a node’s own subject from one', async () => {
      const both = await rig.bus.requestMany('api', { command: 'hostname' });
      assert.deepEqual(both.map((reply) => reply.node_id).sort(), ['e2e_second_node', rig.slug].sort());
      const one = await rig.bus.requestMany('api.e2e_second_node', { command: 'hostname' });
      assert.deepEqual(one.map((reply) => reply.node_id), ['e2e_second_node']);
      const filtered = await rig.bus.requestMany('cmd.status', { node_id: 'E2E second.node' });
      assert.deepEqual(filtered.map((reply) => reply.node_id), ['e2e_second_node']);
    });

    test('it publishes only what its lists let through, numbered without gaps', async () => {
      const events = await rig.bus.events();
      const uuid = (await rig.bus.request('cmd.originate.e2e_second_node', { endpoint: 'loopback/9196/default', extension: '&park' })).uuid;
      assert.ok(uuid, 'no call was placed');
      await rig.bus.request('cmd.hangup.e2e_second_node', { uuid });
      const own = (event) => event.node_id === 'e2e_second_node';
      await events.waitFor((event) => own(event) && event.event_name === 'CHANNEL_HANGUP' && event.uuid === uuid);
      events.stop();
      const names = new Set(events.all.filter(own).map((event) => event.event_name));
      assert.deepEqual([...names].sort(), ['CHANNEL_ANSWER', 'CHANNEL_HANGUP']);
      assert.deepEqual(rig.sequenceGaps(events.all.filter(own)), []);
    });

    test('a restart begins a new epoch and counts from 1', async () => {
      const watch = async () => {
        const events = await rig.bus.events();
        const { uuid } = await rig.bus.request('cmd.originate.e2e_second_node', { endpoint: 'loopback/9196/default', extension: '&park' });
        const answered = await events.waitFor({ node_id: 'e2e_second_node', event_name: 'CHANNEL_ANSWER', uuid });
        const first = events.all.find((event) => event.node_id === 'e2e_second_node');
        events.stop();
        return { epoch: answered.epoch, first: first.seq };
      };
      const before = await watch();
      await other.restart();
      await other.ready(rig.bus);
      const later = await watch();
      assert.ok(later.epoch > before.epoch, `epoch ${later.epoch} after ${before.epoch}`);
      assert.equal(later.first, 1);
    });
  });
}
