package dev.unifiedstorage.past;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class SeqRangesTest {
  private static final int SEQS = 60;

  private final SeqRanges ranges = new SeqRanges();

  @Test
  void isTheSetThatWasPutTogether() {
    Random random = new Random(1);
    TreeSet<Integer> model = new TreeSet<>();
    for (int i = 0; i < 5_000; i++) {
      int from = 1 + random.nextInt(SEQS);
      int to = Math.min(SEQS, from + random.nextInt(8));
      if (random.nextInt(3) > 0) {
        ranges.add(from, to);
        for (int seq = from; seq <= to; seq++) {
          model.add(seq);
        }
      } else {
        ranges.remove(from, to);
        model.subSet(from, to + 1).clear();
      }
      assertEquals(List.copyOf(model), seqs());
      assertEquals(model.isEmpty() ? 0 : model.last(), ranges.last());
    }
  }

  private List<Integer> seqs() {
    List<Integer> seqs = new ArrayList<>();
    for (SeqRanges.Range range : ranges.all()) {
      assertTrue(seqs.isEmpty() || range.from() > seqs.get(seqs.size() - 1) + 1, seqs::toString);
      for (int seq = (int) range.from(); seq <= range.to(); seq++) {
        seqs.add(seq);
      }
    }
    return seqs;
  }

  @Test
  void theTwoLowestBecomeOneWhereThereAreTooMany() {
    for (int i = 0; i <= SeqRanges.MOST; i++) {
      ranges.add(1 + 2 * i, 1 + 2 * i);
    }
    assertEquals(SeqRanges.MOST, ranges.size());
    assertEquals(new SeqRanges.Range(1, 3), ranges.first());
  }
}
