import { skipUnless } from './lib/skip.mjs';
import { Strowger, missing } from './lib/strowger.mjs';

skipUnless(missing);
const { runAll } = await import('./scenarios/all.mjs');
runAll(Strowger, 'the embedded switch');
