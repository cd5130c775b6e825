package millrace.conformance;

import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.TaskInfo;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple3;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.JsonNode;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;

/** A function without keys: a buffer that checkpoints hold as a list to be split, a union list. */
final class Buffering extends ProcessFunction<Tuple3<String, Long, Long>, String>
    implements CheckpointedFunction {
  private final String[][] table;
  private List<Long> buffer = new ArrayList<>();
  private transient ListState<Long> split;
  private transient ListState<Long> union;
  private boolean isRestored;

  Buffering(JsonNode work) {
    table = Program.table(work.get("first"));
  }

  @Override
  public void initializeState(FunctionInitializationContext context) throws Exception {
    split =
        context
            .getOperatorStateStore()
            .getListState(new ListStateDescriptor<>("split", Types.LONG));
    union =
        context
            .getOperatorStateStore()
            .getUnionListState(new ListStateDescriptor<>("union", Types.LONG));
    buffer = inOrder(split.get());
    isRestored = context.isRestored();
  }

  @Override
  public void snapshotState(FunctionSnapshotContext context) throws Exception {
    split.update(inOrder(buffer));
  }

  @Override
  public void processElement(
      Tuple3<String, Long, Long> item, Context context, Collector<String> out) throws Exception {
    long n = item.f1;
    for (String action : table[(int) (n % table.length)]) run(action, n, out);
  }

  private void run(String action, long n, Collector<String> out) throws Exception {
    switch (action) {
      case "buffer.add":
        buffer.add(n);
        break;
      case "buffer.clear":
        buffer.clear();
        break;
      case "buffer.read":
        out.collect("buffer=" + joined(buffer));
        break;
      case "union.add":
        union.add(n);
        break;
      case "union.update":
        union.update(List.of(n, n + 1));
        break;
      case "union.clear":
        union.clear();
        break;
      case "union.read":
        out.collect("union=" + joined(inOrder(union.get())));
        break;
      default:
        TaskInfo task = getRuntimeContext().getTaskInfo();
        out.collect(
            task.getIndexOfThisSubtask()
                + " of "
                + task.getNumberOfParallelSubtasks()
                + (isRestored ? " restored" : ""));
    }
  }

  /** The order of what comes from several subtasks is open. */
  private static List<Long> inOrder(Iterable<Long> numbers) {
    List<Long> sorted = new ArrayList<>();
    for (Long number : numbers) sorted.add(number);
    sorted.sort(null);
    return sorted;
  }

  private static String joined(Iterable<Long> numbers) {
    List<String> texts = new ArrayList<>();
    for (Long number : numbers) texts.add("" + number);
    return String.join(" ", texts);
  }
}
