import { FreeSwitch, missing } from './lib/freeswitch.mjs';
import { skipUnless } from './lib/skip.mjs';

skipUnless(missing);
const { runAll } = await import('./scenarios/all.mjs');
runAll(FreeSwitch, 'FreeSWITCH with mod_event_agent');
