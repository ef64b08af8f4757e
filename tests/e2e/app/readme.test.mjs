import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Child } from '../lib/child.mjs';
import { skipUnless } from '../lib/skip.mjs';
import { Exchange, missing } from './strowger.mjs';

skipUnless(missing);

const readme = fs.readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
const block = (language) => readme.match(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'm'))[1];

describe("the README's", () => {
  let exchange;
  before(async () => {
    exchange = await Exchange.start('readme');
  });
  after(() => exchange?.stop());

  test('Node program originates, parks, bridges, hangs up and hears the events of it', async () => {
    fs.writeFileSync(path.join(exchange.folder, 'call.mjs'), block('js'));
    fs.symlinkSync(fileURLToPath(new URL('../node_modules', import.meta.url)), path.join(exchange.folder, 'node_modules'));
    const program = new Child('call', process.execPath, ['call.mjs'], { folder: exchange.folder, env: { NATS_URL: exchange.url } });
    assert.deepEqual(await program.ended, { code: 0, signal: null }, program.output());
    for (const name of ['CHANNEL_CREATE', 'CHANNEL_ANSWER', 'CHANNEL_PARK', 'CHANNEL_BRIDGE', 'CHANNEL_HANGUP_COMPLETE'])
      assert.match(program.output(), new RegExp(`^${name} [0-9a-f-]{36} \\S+$`, 'm'), program.output());
  });

  test('shell commands place a call, list it and hang it up', async () => {
    const placed = await exchange.run('api', 'originate', 'loopback/9196', '&park');
    assert.match(placed.stdout, /^\+OK [0-9a-f-]{36}\n$/, placed.stderr);
    const uuid = placed.stdout.trim().slice(4);
    assert.ok((await exchange.run('api', 'show', 'channels')).stdout.includes(uuid));
    assert.equal((await exchange.run('api', 'uuid_kill', uuid)).stdout.trim(), '+OK');
  });
});
