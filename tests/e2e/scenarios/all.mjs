// Every scenario, for one kind of switch: the same assertions whatever it is.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Rig } from '../lib/rig.mjs';
import { addressing } from './addressing.mjs';
import { api } from './api.mjs';
import { events } from './events.mjs';
import { faults } from './faults.mjs';
import { hangup } from './hangup.mjs';
import { originate } from './originate.mjs';
import { phoneCalls, sippCalls } from './phones.mjs';
import { recording } from './recording.mjs';
import { status } from './status.mjs';

const groups = { 'API requests': api, 'addressing': addressing, 'status': status, 'originate': originate, 'hangup': hangup, 'events': events, 'SIP by sipp': sippCalls, 'SIP by baresip': phoneCalls, 'recording': recording };

export function runAll(kind, title) {
  describe(title, () => {
    const rig = new Rig();
    before(async () => Object.assign(rig, await Rig.start(kind)));
    after(() => rig.stop());

    // A scenario ends with its phones gone and no call left, whether it went well or not.
    const scenario = (name, ...rest) => {
      const [options, run] = rest.length === 2 ? rest : [{}, rest[0]];
      test(name, { timeout: 90_000, ...options }, async () => {
        try {
          await run();
        } finally {
          await rig.tidy();
        }
      });
    };
    for (const [name, group] of Object.entries(groups)) describe(name, () => group(scenario, rig));

    scenario('every event of everything above arrived, numbered without a gap', async () => {
      await rig.bus.api('echo', 'the last event');
      await rig.everything.waitFor({ event_name: 'API', 'API-Command-Argument': 'the last event' });
      assert.deepEqual(rig.sequenceGaps(rig.everything.all), []);
      assert.equal((await rig.bus.request('cmd.status', {})).data.reconnects, 0, 'the connection to the broker was lost');
    });

    describe('faults', () => faults(scenario, rig));
  });
}
