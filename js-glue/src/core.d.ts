/**
 * What the compiled core exports, and what it needs: `WorkerCore`, `WorkerStore`, `HttpAnswer` and
 * `Host` of the module `worker`, as the glue sees them.
 */

/** Receives the end of something asynchronous, once: null, or an error's text. */
export type Ending = (error: string | null) => void;

/** A client's socket; what is done to one that has gone does nothing. */
export interface Socket {
  /** A number that no other socket of the isolate has. */
  id(): number;
  send(text: string): void;
  /** Sends what is no reply; false when the socket has gone. */
  push(text: string): boolean;
  /** How many bytes wait for the client to read them; negative where the platform does not tell. */
  unsentBytes(): number;
  close(code: number, reason: string): void;
  /** What was attached last, before a hibernation too; "" at first. */
  attachment(): string;
  attach(text: string): void;
}

/** The headers of a request, by their names in lower case. */
export type HeadersOf = (name: string) => string | null;

/** Checks signatures of JSON Web Tokens. */
export interface Tokens {
  /** Ends with the claims as text; with neither, when the token does not count; or with an error. */
  verify(token: string, ended: (claims: string | null, error: string | null) => void): void;
}

/** Receives one part of a body: neither at the end, an error when the rest cannot be had. */
export type Received = (text: string | null, error: string | null) => void;

/** A body whose parts come one by one, each when it is asked for. */
export interface Body {
  next(part: Received): void;
  cancel(): void;
}

/** Receives the answer to one HTTP request, once; more headers are names and values in turn. */
export type Answer = (
  status: number,
  contentType: string,
  body: string | null,
  headers: string[] | null,
  /** The body when it comes in parts. */
  stream: Body | null,
) => void;

/** The store of one Durable Object. Nothing it has throws. */
export interface WorkerStore {
  start(done: Ending): void;
  /** Follows things; ends it. Null when nothing is followed, and `failed` says why. */
  subscribe(
    selection: object,
    changed: (text: string) => void,
    failed: (error: string) => void,
  ): (() => void) | null;
  /** Tells of every change, from the next start on. */
  follow(changed: (text: string) => void): void;
  /** Has every write judged; the answer is the write to carry out, or `{ refused }`. */
  judge(rule: (operation: object, socket: Socket | null, inProcess: boolean) => object): void;
  /** Brings fields, as JSON, into the next form; the answer has them or an error. */
  upcast(by: (type: string, form: number, fields: string) => { fields?: string; error?: string }): void;
  /** What another object of the class tells, and the answer. */
  told(text: string, reply: (text: string) => void): void;
  /** A request of this isolate, and its reply. */
  call(text: string, reply: (text: string) => void): void;
  message(socket: Socket, text: string): void;
  /** A request that is an object, and that is not changed any more. */
  handle(socket: Socket, request: object): void;
  malformedMessage(socket: Socket): void;
  /** A request that has nothing but its route. */
  request(method: string, target: string, answer: Answer): void;
  ask(
    method: string,
    target: string,
    body: string,
    /** The body of a request that streams. */
    stream: Body | null,
    headers: HeadersOf | null,
    answer: Answer,
  ): void;
  /** Whether a request's body is read as it comes, and not before. */
  streams(method: string, target: string): boolean;
  /** Decides on a socket that is about to open: status 101 and a grant, or an error. */
  admit(target: string, headers: HeadersOf): HttpAnswer;
  opened(socket: Socket, grant: string): void;
  /** A request whose body is too large, or no UTF-8. */
  refuseBody(tooLarge: boolean, answer: Answer): void;
  /** `{"thing":…}`, null for none, or `{"error":"…"}`. */
  get(id: string): string;
  dirtyIds(): string[];
  /** The socket is null when the caller does not know which. */
  closed(socket: Socket | null, openConnections: number): void;
  alarm(): void;
  beforeHibernation(done: Ending): void;
}

/** What a Worker does with a request: it goes to a namespace's object, or this is the answer. */
export interface HttpAnswer {
  namespace(): string | null;
  /** Whether the directory of all stores answers. */
  isDirectory(): boolean;
  status(): number;
  contentType(): string;
  /** Null where the headers are all. */
  body(): string | null;
  /** What the client may do; '' for everything. */
  grant(): string;
  /** Whose rate counts. */
  client(): string;
  /** How many texts there are, headers' names and values in turn. */
  headers(): number;
  header(index: number): string;
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
  /** With no binding it is an error if one is needed; else the records go nowhere. */
  send(
    deadLetters: boolean,
    records: import('./index.js').PipelineRecord[],
    ended: Ending,
    needed: boolean,
  ): void;
  hasDeadLetters(): boolean;
  startTimer(delayMs: number, task: () => void): Timer;
  stopTimer(timer: Timer): void;
  /** False when the object's class has no `alarm()`. */
  setAlarm(epochMs: number): boolean;
  /** Hands a text to the object of another namespace, which answers with a text, or with an error. */
  tell(namespace: string, text: string, told: (answer: string | null, error: string | null) => void): void;
  hasArchive(): boolean;
  readArchive(
    namespace: string,
    afterSeq: number,
    untilSeq: number,
    entityIds: string[] | null,
    positionsOnly: boolean,
    sinceMs: number,
    row: (event: import('./index.js').ArchivedEvent) => void,
    progress: (rows: number) => void,
    ended: Ending,
  ): Read;
  stopArchive(read: Read): void;
  /** Visits the sockets that the platform keeps for the object. */
  eachSocket(visit: (socket: Socket) => void): void;
  /** Null where no JSON Web Tokens are taken. */
  tokens(): Tokens | null;
  /** Whether a directory of all stores is bound. */
  hasDirectory(): boolean;
  tellDirectory(listed: boolean, namespace: string, createdAtMs: number, ended: Ending): void;
  /** Whether a dataset of figures is bound. */
  hasMetrics(): boolean;
  writePoint(index: string, blobs: string[], doubles: number[]): string | null;
  /** Whether spans are followed. */
  hasTracing(): boolean;
  /** Begins a span; nothing that it has throws. */
  beginSpan(name: string): {
    set(attribute: string, value: string | number): void;
    /** The error is '' where nothing went wrong. */
    end(error: string): void;
  };
  /** 0 is information, 1 a warning, 2 an error. */
  log(level: 0 | 1 | 2, message: string): void;
}

/** The list of all stores, in an object of its own; its changes end with null or an error's text. */
export interface WorkerDirectory {
  list(namespace: string, createdAtMs: number): string | null;
  unlist(namespace: string): string | null;
  page(method: string, target: string, headers: HeadersOf): HttpAnswer;
  /** Behind which commit of the archive to look, Infinity at first, and since when that is. */
  lookAfter(): number;
  lookSince(): number;
  looked(commit: number, atMs: number): string | null;
}

/** What a look at the archive has found of all namespaces. Nothing it has throws. */
export interface WorkerSurvey {
  row(namespace: string, epoch: number, life: number, seq: number, events: number): void;
  /** How many namespaces there are, */
  size(): number;
  /** one of them, */
  namespace(index: number): string;
  /** and what its object is told; null when nothing can be. */
  report(index: number, sinceMs: number, untilMs: number): string | null;
}

export interface Core {
  openSurvey(): WorkerSurvey;
  openDirectory(host: CoreHost): WorkerDirectory;
  open(host: CoreHost, namespace: string, env: object, options: object): WorkerStore;
  enter(
    method: string,
    target: string,
    upgrade: boolean,
    headers: HeadersOf,
    ownOrigin: string,
    address: string,
    env: object,
    tokens: Tokens | null,
    then: (answer: HttpAnswer) => void,
  ): void;
  /** The code that answers a close frame's; 1005 for one without a code, both ways. */
  closeAnswer(code: number): number;
  unavailable(namespace: string, error: string): HttpAnswer;
  /** Why a variable's name is refused; null when it is known. */
  varProblem(name: string): string | null;
}

export const closeAnswer: Core['closeAnswer'];
export const enter: Core['enter'];
export const open: Core['open'];
export const openDirectory: Core['openDirectory'];
export const openSurvey: Core['openSurvey'];
export const unavailable: Core['unavailable'];
export const varProblem: Core['varProblem'];
