package dev.unifiedstorage.query;

import java.util.List;

/** A compiled {@code where}: whether a thing matches. It has no state. */
public sealed interface Filter {
  /** What every thing matches. */
  Filter NONE = new All(List.of());

  boolean matches(Candidate candidate);

  /** One field. */
  record Test(Path path, Check check) implements Filter {
    @Override
    public boolean matches(Candidate candidate) {
      return check.holds(path.in(candidate));
    }
  }

  record All(List<Filter> filters) implements Filter {
    @Override
    public boolean matches(Candidate candidate) {
      for (Filter filter : filters) {
        if (!filter.matches(candidate)) {
          return false;
        }
      }
      return true;
    }
  }

  record Any(List<Filter> filters) implements Filter {
    @Override
    public boolean matches(Candidate candidate) {
      for (Filter filter : filters) {
        if (filter.matches(candidate)) {
          return true;
        }
      }
      return false;
    }
  }

  record Not(Filter filter) implements Filter {
    @Override
    public boolean matches(Candidate candidate) {
      return !filter.matches(candidate);
    }
  }
}
