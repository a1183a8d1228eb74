package io.trimtab.adapter.peft;

import io.trimtab.adapter.peft.BaseModules.Generation;
import io.trimtab.adapter.peft.BaseModules.Module;
import io.trimtab.adapter.peft.ModuleNames.AllLinear;
import io.trimtab.adapter.peft.ModuleNames.Endings;
import io.trimtab.adapter.peft.ModuleNames.Matching;
import io.trimtab.adapter.peft.PythonPattern.Budget;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * The modules that an adapter's configuration targets, as PEFT's {@code check_target_module_exists}
 * finds them.
 *
 * @param excluded empty for none
 */
record PeftTargets(ModuleNames targeted, Optional<ModuleNames> excluded, LayerFilter layers) {
  boolean contains(String name, Budget budget) {
    if (excluded.isPresent() && excluded.orElseThrow().contains(name, budget)) {
      return false;
    }
    return switch (targeted) {
      // PEFT filters layers only where a list names the ends of modules, not all of one.
      case Endings list ->
          list.endings().contains(name)
              || (list.contains(name, budget) && layers.keeps(name, budget));
      case Matching matching -> matching.contains(name, budget);
      case AllLinear _ -> true;
    };
  }

  /**
   * The base's modules that are targeted. The configuration may speak of either generation's names,
   * whichever of them the file has: it is taken to mean those by which it agrees with the file.
   */
  Set<Module> among(List<Module> modules, Set<Module> inFile, Budget budget) {
    Set<Module> asNew = among(modules, Generation.NEW, budget);
    Set<Module> asOld = among(modules, Generation.OLD, budget);
    return differences(asOld, inFile) < differences(asNew, inFile) ? asOld : asNew;
  }

  private Set<Module> among(List<Module> modules, Generation generation, Budget budget) {
    Set<Module> found = new LinkedHashSet<>();
    for (Module module : modules) {
      if (contains(module.name(generation), budget)) {
        found.add(module);
      }
    }
    return found;
  }

  private static int differences(Set<Module> some, Set<Module> others) {
    int shared = (int) some.stream().filter(others::contains).count();
    return some.size() + others.size() - 2 * shared;
  }

  /** Adds what is targeted by name though no adapter reaches it. */
  void requireReachable(BaseModules base, Budget budget, Problems problems) {
    Set<String> reachable = new HashSet<>();
    for (Module module : base.all()) {
      reachable.add(module.newName());
      reachable.add(module.oldName());
    }
    switch (targeted) {
      case Endings list -> {
        Set<String> ends = ends(reachable);
        Set<String> towerEnds = ends(base.towerNames());
        for (String entry : new TreeSet<>(list.endings())) {
          if (!ends.contains(entry)) {
            problems.add(unreachable(entry, towerEnds::contains));
          }
        }
      }
      case Matching matching -> {
        if (reachable.stream().noneMatch(name -> matching.contains(name, budget))) {
          problems.add(
              unreachable(
                  matching.text(),
                  _ -> base.towerNames().stream().anyMatch(n -> matching.contains(n, budget))));
        }
      }
      case AllLinear _ -> {}
    }
  }

  private static String unreachable(String entry, Predicate<String> reachesTower) {
    String why;
    if (reachesTower.test(entry)) {
      why = PeftNames.TOWER_REFUSED;
    } else if (entry.endsWith("embed_tokens") || entry.endsWith("lm_head")) {
      why = PeftNames.EMBEDDINGS_REFUSED;
    } else {
      why =
          "it matches no layer that an adapter reaches; expected a list of names such as q_proj, a"
              + " regular expression for whole names, or all-linear";
    }
    return "target_modules has '%s': %s".formatted(Problems.shown(entry), why);
  }

  private static Set<String> ends(Iterable<String> names) {
    Set<String> ends = new HashSet<>();
    for (String name : names) {
      ends.add(name);
      for (int dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) {
        ends.add(name.substring(dot + 1));
      }
    }
    return ends;
  }
}
