/**
 * What the compiled core exports, and what it needs: `WorkerCore`, `WorkerStore`, `HttpAnswer` and
 * `Host` of the module `worker`, as the glue sees them.
 */

/** Receives the end of something asynchronous, once: null, or an error's text. */
export type Ending = (error: string | null) => void;

/** A client's socket; what is done to one that has gone does nothing. */
export interface Socket {
  send(text: string): void;
  /** How many bytes wait for the client to read them; 0 where the platform does not tell. */
  unsentBytes(): number;
  close(code: number, reason: string): void;
}

/** Receives the answer to one HTTP request, once; the etag is null where there is none. */
export type Answer = (status: number, contentType: string, body: string, etag: string | null) => void;

/** The store of one Durable Object. Nothing it has throws. */
export interface WorkerStore {
  start(done: Ending): void;
  message(socket: Socket, text: string): void;
  malformedMessage(socket: Socket): void;
  /** A request that has nothing but its route. */
  request(method: string, target: string, answer: Answer): void;
  ask(method: string, target: string, body: string, ifNoneMatch: string | null, answer: Answer): void;
  /** A request whose body is too large, or no UTF-8. */
  refuseBody(tooLarge: boolean, answer: Answer): void;
  /** `{"thing":…}`, null for none, or `{"error":"…"}`. */
  get(id: string): string;
  dirtyIds(): string[];
  closed(openConnections: number): void;
  alarm(): void;
  beforeHibernation(done: Ending): void;
}

/** What a Worker does with a request: it goes to a namespace's object, or this is the answer. */
export interface HttpAnswer {
  namespace(): string | null;
  status(): number;
  contentType(): string;
  body(): string;
}

/** One statement under way; `error` is asked after the start and after every `next`. */
export interface SqlRun {
  error(): string | null;
  next(): boolean;
  text(column: number): string | null;
  number(column: number): number;
  rowsWritten(): number;
}

/** The Durable Object around the core. No method throws: a failure comes back as its text. */
export interface CoreHost<Timer = unknown, Read = unknown> {
  /** The platform's id of the object. */
  writer(): string;
  sqlExec(sql: string, bindings: unknown[]): SqlRun;
  sqlTransaction(body: () => boolean): string | null;
  send(deadLetters: boolean, records: import('unified-storage').PipelineRecord[], ended: Ending): void;
  hasDeadLetters(): boolean;
  startTimer(delayMs: number, task: () => void): Timer;
  stopTimer(timer: Timer): void;
  /** False when the object's class has no `alarm()`. */
  setAlarm(epochMs: number): boolean;
  hasArchive(): boolean;
  readArchive(
    namespace: string,
    afterSeq: number,
    untilSeq: number,
    entityIds: string[] | null,
    positionsOnly: boolean,
    row: (event: import('unified-storage').ArchivedEvent) => void,
    progress: (rows: number) => void,
    ended: Ending,
  ): Read;
  stopArchive(read: Read): void;
  /** 0 is information, 1 a warning, 2 an error. */
  log(level: 0 | 1 | 2, message: string): void;
}

export interface Core {
  open(host: CoreHost, namespace: string, env: object, options: object): WorkerStore;
  route(
    method: string,
    target: string,
    upgrade: boolean,
    authorization: string | null,
    token: string | null,
    open: boolean,
  ): HttpAnswer;
  /** The code that answers a close frame's; 1005 for one without a code, both ways. */
  closeAnswer(code: number): number;
  unavailable(namespace: string, error: string): HttpAnswer;
  /** Why a variable's name is refused; null when it is known. */
  varProblem(name: string): string | null;
}

export const closeAnswer: Core['closeAnswer'];
export const open: Core['open'];
export const route: Core['route'];
export const unavailable: Core['unavailable'];
export const varProblem: Core['varProblem'];
