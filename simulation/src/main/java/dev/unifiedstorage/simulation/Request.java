package dev.unifiedstorage.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A client's request, what its reply must be, and what becomes of it. */
final class Request {
  final String id;
  final Client client;
  final List<Operation> operations;
  final boolean batch;
  final boolean atomic;
  final String text;

  /** What the reply must be if the request is carried out; null when it cannot be. */
  Map<String, Object> expected;

  /** The newest change that the reply shows or confirms. */
  Model.Node shown;

  /** The changes it makes, in order. */
  final List<Model.Node> changes = new ArrayList<>();

  /** How many ids it asks for, of those that were planned ahead. */
  int uuids;

  /** One an operation: what each client-visible result must be, for the histories. */
  List<Map<String, Object>> results = List.of();

  /** What is asked of the past, null for everything else. */
  Past.Question past;

  /** The write of a session that it sends, null for everything else. */
  Numbered write;

  /** The number of the session that was expected when it came, 0 where that was not known. */
  int due;

  /** The number that its session has come to with it, if it carries a write of one out. */
  int carriedUpTo;

  /** What a query or a count asks, null for everything else. */
  Asked asked;

  /** The last thing that a query's page shows, whole, null when it shows none. */
  Map<String, Object> lastShown;

  boolean replied;
  boolean socketOpen = true;
  long invokedAt;

  /** The number of its life's event that brought it. */
  long invokedInEvent;

  /** Takes back what it would have done. */
  void forget() {
    expected = null;
    shown = null;
    changes.clear();
    results = List.of();
    lastShown = null;
  }

  Request(
      String id,
      Client client,
      List<Operation> operations,
      boolean batch,
      boolean atomic,
      String text) {
    this.id = id;
    this.client = client;
    this.operations = operations;
    this.batch = batch;
    this.atomic = atomic;
    this.text = text;
  }
}
