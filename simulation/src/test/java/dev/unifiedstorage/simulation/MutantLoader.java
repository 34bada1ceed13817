package dev.unifiedstorage.simulation;

import java.io.IOException;
import java.io.InputStream;
import net.bytebuddy.ByteBuddy;
import net.bytebuddy.dynamic.ClassFileLocator;
import net.bytebuddy.pool.TypePool;

/** Loads the project's own classes anew, one of them changed; everything else is shared. */
final class MutantLoader extends ClassLoader {
  private static final String OWN = "dev.unifiedstorage.";

  private final Mutant mutant;

  MutantLoader(Mutant mutant) {
    super(MutantLoader.class.getClassLoader());
    this.mutant = mutant;
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    synchronized (getClassLoadingLock(name)) {
      Class<?> loaded = findLoadedClass(name);
      if (loaded != null || !name.startsWith(OWN)) {
        return loaded != null ? loaded : super.loadClass(name, resolve);
      }
      byte[] bytes = name.equals(mutant.className) ? changed() : original(name);
      return defineClass(name, bytes, 0, bytes.length);
    }
  }

  private byte[] changed() {
    ClassFileLocator locator = ClassFileLocator.ForClassLoader.of(getParent());
    var type = TypePool.Default.of(locator).describe(mutant.className).resolve();
    return mutant.change.apply(new ByteBuddy().redefine(type, locator)).make().getBytes();
  }

  private byte[] original(String name) throws ClassNotFoundException {
    try (InputStream stream = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
      if (stream == null) {
        throw new ClassNotFoundException(name);
      }
      return stream.readAllBytes();
    } catch (IOException e) {
      throw new ClassNotFoundException(name, e);
    }
  }
}
