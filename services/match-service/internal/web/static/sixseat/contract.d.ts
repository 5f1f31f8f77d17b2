// What the two services answer, as types: read by tsc alone, never fetched.

/** Who this is, and the token of now. */
export interface Member {
  memberId: string;
  nickname: string;
  token: string;
  expiresAt: string;
}

export interface Seat {
  seat: number;
  memberId: string;
  nickname: string;
}

/** Nobody waits; why, if somebody did. */
export interface Idle {
  state: 'idle';
  reason?: string;
  movieId?: undefined;
  movieIds?: undefined;
  joinedAt?: undefined;
  room?: undefined;
}

export interface Waiting {
  state: 'waiting';
  movieId: string;
  /** those that count now */
  movieIds: string[];
  /** present members, this one included */
  waiting: number;
  /** 1 for who waits longest */
  place: number;
  etaSeconds?: number;
  seats: number;
  joinedAt: string;
  seated: { memberId: string; nickname: string }[];
  room?: undefined;
}

export interface Matched {
  state: 'matched';
  room: MatchedRoom;
  seat: number;
  generation: number;
  ticket: string;
  movieId?: undefined;
  movieIds?: undefined;
  joinedAt?: undefined;
}

export interface MatchedRoom {
  roomId: string;
  movieId: string;
  title: string;
  seats: Seat[];
  createdAt: string;
}

/** The member's place in the queue. */
export type State = Idle | Waiting | Matched;

/** A room as chat-service tells it. */
export interface RoomDetails {
  roomId: string;
  movieId: string;
  title: string;
  createdAt: string;
  lastSeq: number;
  seats: Seat[];
  /** who entered and have not left */
  members: RoomMember[];
}

export interface RoomMember {
  memberId: string;
  nickname: string;
  /** absent while it is not known */
  online?: boolean;
  lastReadSeq: number;
}

export type RoomItem = RoomDetails & { unread: number };

export interface Message {
  roomId: string;
  /** counts 1, 2, 3, … in each room */
  seq: number;
  messageId: string;
  idempotencyKey?: string;
  memberId: string;
  type: 'TEXT' | 'ENTER' | 'LEAVE' | 'IMAGE';
  comment: string;
  createdBy: string;
  createdAt: string;
  /** of an IMAGE */
  image?: Picture;
}

/** What an IMAGE shows; `api.picture()` brings it. */
export interface Picture {
  imageId: string;
  contentType: string;
  bytes: number;
  /** in pixels */
  width: number;
  height: number;
}

/** A part of a room's messages. */
export interface Page {
  items: Message[];
  hasMore: boolean;
}
