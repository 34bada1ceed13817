package dev.unifiedstorage.simulation;

import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** What was done and looked at, in one world or in many. */
final class Figures {
  int seeds;
  long steps;
  long requests;
  long frames;
  long replies;
  long starts;
  long crashes;
  long points;
  long sends;
  long packed;
  long snapshots;
  long rowsRead;
  long recoveries;
  long histories;
  long undecided;
  long pasts;
  long pastsUndecided;
  long expired;
  long pushesChecked;
  long followersClosed;
  long numberedWrites;
  long answersAgain;
  long forks;
  long forksRead;
  long forkWrites;
  double simulatedMs;
  final Map<Fault, Long> faults = new EnumMap<>(Fault.class);

  void add(World world) {
    seeds++;
    simulatedMs += world.time.nowMs();
    points += world.faults.points();
    sends += world.stream.sends();
    world.faults.happened().forEach((fault, count) -> faults.merge(fault, (long) count, Long::sum));
  }

  void add(Figures other) {
    seeds += other.seeds;
    steps += other.steps;
    requests += other.requests;
    frames += other.frames;
    replies += other.replies;
    starts += other.starts;
    crashes += other.crashes;
    points += other.points;
    sends += other.sends;
    packed += other.packed;
    snapshots += other.snapshots;
    rowsRead += other.rowsRead;
    recoveries += other.recoveries;
    histories += other.histories;
    undecided += other.undecided;
    pasts += other.pasts;
    pastsUndecided += other.pastsUndecided;
    expired += other.expired;
    pushesChecked += other.pushesChecked;
    followersClosed += other.followersClosed;
    numberedWrites += other.numberedWrites;
    answersAgain += other.answersAgain;
    forks += other.forks;
    forksRead += other.forksRead;
    forkWrites += other.forkWrites;
    simulatedMs += other.simulatedMs;
    other.faults.forEach((fault, count) -> faults.merge(fault, count, Long::sum));
  }

  /** By name, in the order of a report. */
  Map<String, Object> byName() {
    Map<String, Object> byName = new LinkedHashMap<>();
    byName.put("seeds", seeds);
    byName.put("steps", steps);
    byName.put("requests", requests);
    byName.put("frames", frames);
    byName.put("replies", replies);
    byName.put("simulatedHours", Math.round(simulatedMs / 36_000) / 100.0);
    byName.put("starts", starts);
    byName.put("crashes", crashes);
    byName.put("crashPointsPassed", points);
    byName.put("sends", sends);
    byName.put("packedRecords", packed);
    byName.put("snapshotRecords", snapshots);
    byName.put("recoveriesChecked", recoveries);
    byName.put("rowsChecked", rowsRead);
    byName.put("historiesChecked", histories);
    byName.put("historiesUndecided", undecided);
    byName.put("readsOfThePast", pasts);
    byName.put("readsOfThePastUndecided", pastsUndecided);
    byName.put("expiredByItself", expired);
    byName.put("forks", forks);
    byName.put("forksRead", forksRead);
    byName.put("forkWrites", forkWrites);
    byName.put("pushesChecked", pushesChecked);
    byName.put("followersClosed", followersClosed);
    byName.put("numberedWrites", numberedWrites);
    byName.put("answersGivenAgain", answersAgain);
    byName.put("faultKinds", faults.size());
    byName.put("faults", faults);
    return byName;
  }
}
