package dev.unifiedstorage.simulation;

/** temporary */
public final class Main {
  private Main() {}

  public static void main(String[] args) {
    long from = Long.parseLong(args[0]);
    long to = Long.parseLong(args[1]);
    Figures figures = new Figures();
    long start = System.nanoTime();
    int failed = 0;
    java.util.Map<String, Integer> kinds = new java.util.TreeMap<>();
    for (long seed = from; seed <= to; seed++) {
      World.Result result = World.run(Plan.of(seed), args.length > 2);
      figures.add(result.figures());
      if (args.length > 2) {
        result.trace().lines().forEach(System.out::println);
        System.out.println(result.plan().setup());
      }
      if (result.violation() != null) {
        failed++;
        kinds.merge(result.violation().invariant(), 1, Integer::sum);
        String m = result.violation().getMessage();
        System.out.println(seed + " " + m.substring(0, Math.min(400, m.length())));
      }
    }
    System.out.println(Texts.print(figures.byName()));
    System.out.println(kinds);
    System.out.println(failed + " failed, " + (System.nanoTime() - start) / 1e9 + " s");
  }
}
