// Stands for the package ws in the README's program.
export { FakeWebSocket as default } from './wire.mjs';
