/**
 * Some byte values, used as per STOMP specifications.
 *
 * Part of `@stomp/stompjs`.
 *
 * @internal
 */
export declare const BYTE: {
    LF: string;
    NULL: string;
};
