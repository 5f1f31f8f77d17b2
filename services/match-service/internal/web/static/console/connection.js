// Who connects, with what, and how the socket is.

import { h } from '../dom.js';
import { line } from '../line.js';
import { t } from '../words.js';
import { field, section, select } from './form.js';
import { VERSIONS } from './frame.js';
import { Visitor } from '../sixseat/visitor.js';

const HEARTBEAT = 10_000; // ms; what the server offers and asks
const NICKNAME = 'console'; // of new members

/** @param {{wire: import('./wire.js').Wire, draft: {token: string}}} page draft outlives a change of the language */
export function connection({ wire, draft }) {
  const token = h('input', { id: 'token', type: 'password', autocomplete: 'off', oninput: () => (draft.token = token.value) });
  const version = select('version', VERSIONS.map((name) => [name, name]));
  const out = beats('beats-out');
  const wanted = beats('beats-in');
  const told = line({ role: 'status' });
  const state = line({ role: 'status' });
  token.value = draft.token;

  /** @param {string} text */
  const use = (text) => {
    token.value = text;
    draft.token = text;
  };
  const mine = async () => {
    const { api } = new Visitor();
    if (!api.member) return told.say(t('console.noMember'));
    await attempt(async () => use(await api.token()));
  };
  const fresh = () => attempt(async () => {
    const member = await new Visitor({ storage: null }).api.signUp(NICKNAME); // the browser's own stays who they are
    use(member.token);
    told.say(t('console.madeMember', { nickname: member.nickname }));
  });
  /** @param {() => Promise<void>} act */
  const attempt = async (act) => {
    told.say('');
    try {
      await act();
    } catch (problem) {
      told.show(problem);
    }
  };
  const connect = (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    wire.connect({
      token: token.value.trim(), version: /** @type {import('./frame.js').Version} */ (version.value),
      out: Number(out.value), in: Number(wanted.value),
    });
  };
  const disconnect = h('button', {
    type: 'button', class: 'quiet', onclick: () => wire.send({ command: 'DISCONNECT', headers: [['receipt', 'goodbye']], body: '' }),
  }, t('console.disconnect'));
  const drop = h('button', { type: 'button', class: 'quiet', onclick: () => wire.drop() }, t('console.drop'));
  const show = () => {
    state.say(t(`console.state.${wire.state}`));
    disconnect.disabled = wire.state !== 'connected';
    drop.disabled = wire.state === 'closed';
  };
  show();

  const node = section('connection', t('console.connection'),
    h('form', { onsubmit: connect },
      field(t('console.token'), token),
      h('div', { class: 'row' },
        h('button', { type: 'button', class: 'quiet', onclick: mine }, t('console.mine')),
        h('button', { type: 'button', class: 'quiet', onclick: fresh }, t('console.new'))),
      told.node,
      h('div', { class: 'thirds' },
        field(t('console.version'), version), field(t('console.beatsOut'), out), field(t('console.beatsIn'), wanted)),
      h('div', { class: 'row' }, h('button', { class: 'primary' }, t('console.connect')), disconnect, drop),
      state.node));
  return { node, show };
}

/** @param {string} id */
const beats = (id) => h('input', { id, type: 'number', min: 0, max: 600_000, value: HEARTBEAT, inputmode: 'numeric' });
