// The dialplan of the scenarios, once for both switches: pattern, then applications with their data.

export const extensions = [
  ['echo', '^9196$', [['answer'], ['echo']]],
  ['milliwatt', '^9197$', [['answer'], ['playback', 'tone_stream://%(1000,0,1004);loops=-1']]],
  ['ringing', '^9180$', [['ring_ready'], ['sleep', '30000']]],
  ['hangup', '^9480$', [['hangup']]],
  ['busy', '^9486$', [['hangup', 'USER_BUSY']]],
  ['park', '^5900$', [['answer'], ['park']]],
  ['phone', '^(10[0-9][0-9])$', [['set', 'hangup_after_bridge=true'], ['bridge', 'user/$1']]],
];

/** What a held party hears [Hz]. */
export const holdTone = 700;
export const holdMusic = `tone_stream://%(1000,0,${holdTone});loops=-1`;

export const users = { 1000: 'pw-1000', 1001: 'pw-1001' };

export function asXml() {
  const rules = extensions.map(([name, pattern, steps]) => {
    const actions = steps.map(([application, data = '']) => `<action application="${application}" data="${data}"/>`).join('');
    return `<extension name="${name}"><condition field="destination_number" expression="${pattern}">${actions}</condition></extension>`;
  });
  return `<context name="default">${rules.join('\n')}</context>`;
}

export function asToml() {
  return extensions
    .map(([name, pattern, steps]) => `[[switch.dialplan]]\ncontext = "default"\nname = "${name}"\npattern = '${pattern}'\nactions = [${steps.map((step) => `'${step.join(' ')}'`).join(', ')}]\n`)
    .join('\n');
}
