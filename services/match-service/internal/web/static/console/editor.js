// Writing frames by hand, rightly or wrongly.

import { h } from '../dom.js';
import { t } from '../words.js';
import { field, section, select, tick } from './form.js';
import { headersOf } from './frame.js';

const COMMANDS = ['SEND', 'SUBSCRIBE', 'UNSUBSCRIBE', 'BEGIN', 'COMMIT', 'ABORT', 'ACK', 'NACK', 'DISCONNECT', 'CONNECT', 'STOMP'];
const NUL = '^@'; // as the specification writes it

/** What stands in the editor at first: a message, for which only the room is to be filled in. */
const HEADERS = 'destination:/pub/chat/ROOM\nreceipt:1\ncontent-type:application/json';
const BODY = '{"type":"TEXT","comment":"Hello"}';

/** @param {{wire: import('./wire.js').Wire}} page */
export function editor({ wire }) {
  const command = select('command', COMMANDS.map((name) => [name, name]));
  const headers = h('textarea', { id: 'headers', rows: 4, spellcheck: 'false' }, HEADERS);
  const body = h('textarea', { id: 'body', rows: 3, spellcheck: 'false' }, BODY);
  const length = h('input', { type: 'checkbox', checked: true });
  const raw = h('textarea', { id: 'raw', rows: 8, spellcheck: 'false' }, `SEND\n${HEADERS}\n\n${BODY}${NUL}`);
  const binary = h('input', { type: 'checkbox' });
  const buttons = [h('button', { class: 'primary' }, t('console.sendFrame')), h('button', { class: 'primary' }, t('console.sendRaw'))];

  const sendFrame = (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const octets = new TextEncoder().encode(body.value).length;
    /** @type {import('./frame.js').Header[]} */
    const counted = length.checked && octets > 0 ? [['content-length', String(octets)]] : [];
    wire.send({ command: command.value, headers: [...headersOf(headers.value), ...counted], body: body.value });
  };
  const sendRaw = (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    wire.sendText(raw.value.replaceAll(NUL, '\0'), binary.checked);
  };
  const show = () => buttons.forEach((button) => (button.disabled = wire.state !== 'open' && wire.state !== 'connected'));
  show();

  const node = section('editor', t('console.send'),
    h('form', { onsubmit: sendFrame },
      field(t('console.command'), command), field(t('console.headers'), headers), field(t('console.body'), body),
      tick(t('console.length'), length), buttons[0]),
    h('details', {}, h('summary', {}, t('console.asText')),
      h('form', { onsubmit: sendRaw }, field(t('console.raw'), raw), tick(t('console.binary'), binary), buttons[1])));
  return { node, show };
}
