package dev.unifiedstorage.worker;

import org.teavm.model.ClassHolder;
import org.teavm.model.ClassHolderTransformer;
import org.teavm.model.ClassHolderTransformerContext;
import org.teavm.model.MethodHolder;
import org.teavm.model.transformation.BoundCheckInsertion;

/**
 * Has the compiler check indexes of arrays, and only those; it is not part of the Worker.
 *
 * <p>TeaVM's own {@code strict} checks null and casts too. JavaScript throws at null by itself, and
 * javac leaves no cast to fail in code without unchecked warnings, of which {@link HostMap} has the
 * only one, for what was put into it; an index out of bounds would read on with undefined.
 */
public final class BoundChecks implements ClassHolderTransformer {
  private final BoundCheckInsertion insertion = new BoundCheckInsertion();

  @Override
  public void transformClass(ClassHolder cls, ClassHolderTransformerContext context) {
    for (MethodHolder method : cls.getMethods()) {
      if (method.getProgram() != null) {
        insertion.transformProgram(method.getProgram(), method.getReference());
      }
    }
  }
}
