// The client library: all that the page and programs need to talk to Sixseat. It knows no DOM.

export { Api } from './sixseat/api.js';
export { Problem } from './sixseat/problem.js';
export { loadMember, saveMember } from './sixseat/keep.js';
export { EventStream } from './sixseat/stream.js';
export { Queue } from './sixseat/queue.js';
export { Room } from './sixseat/room.js';
