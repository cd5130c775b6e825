package millrace.conformance;

import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.BroadcastState;
import org.apache.flink.api.common.state.ReadOnlyBroadcastState;
import org.apache.flink.api.java.tuple.Tuple3;
import org.apache.flink.streaming.api.TimeDomain;
import org.apache.flink.streaming.api.TimerService;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.streaming.api.functions.co.KeyedBroadcastProcessFunction;
import org.apache.flink.streaming.api.functions.co.KeyedCoProcessFunction;
import org.apache.flink.util.Collector;

/** The process functions that run a program. */
final class ProgramFunctions {
  private ProgramFunctions() {}

  private static Program.Call call(
      String key, long n, Long timestamp, TimerService timers, Collector<String> out) {
    Program.Call call = new Program.Call();
    call.n = n;
    call.timestamp = timestamp;
    call.timers = timers;
    call.watermark = timers.currentWatermark();
    call.now = timers.currentProcessingTime();
    call.out = text -> out.collect(key + " " + text);
    return call;
  }

  static final class Process
      extends KeyedProcessFunction<String, Tuple3<String, Long, Long>, String> {
    private final Program program;

    Process(Program program) {
      this.program = program;
    }

    @Override
    public void open(OpenContext context) {
      program.open(getRuntimeContext());
    }

    @Override
    public void processElement(
        Tuple3<String, Long, Long> item, Context context, Collector<String> out)
        throws Exception {
      Program.Call call =
          call(item.f0, item.f1, context.timestamp(), context.timerService(), out);
      call.side = text -> context.output(Item.SIDE, item.f0 + " " + text);
      program.run(program.actionsFor(0, item.f1), call);
    }

    @Override
    public void onTimer(long timeMs, OnTimerContext context, Collector<String> out)
        throws Exception {
      String key = context.getCurrentKey();
      out.collect(key + " timer " + context.timeDomain() + " " + timeMs);
      Program.Call call = call(key, 7, context.timestamp(), context.timerService(), out);
      call.side = text -> context.output(Item.SIDE, key + " " + text);
      boolean isEvent = context.timeDomain() == TimeDomain.EVENT_TIME;
      program.run(isEvent ? program.onEventTimer : program.onClockTimer, call);
    }
  }

  static final class Connected
      extends KeyedCoProcessFunction<
          String, Tuple3<String, Long, Long>, Tuple3<String, Long, Long>, String> {
    private final Program program;

    Connected(Program program) {
      this.program = program;
    }

    @Override
    public void open(OpenContext context) {
      program.open(getRuntimeContext());
    }

    @Override
    public void processElement1(
        Tuple3<String, Long, Long> item, Context context, Collector<String> out)
        throws Exception {
      handle(0, item, context, out);
    }

    @Override
    public void processElement2(
        Tuple3<String, Long, Long> item, Context context, Collector<String> out)
        throws Exception {
      handle(1, item, context, out);
    }

    private void handle(
        int input, Tuple3<String, Long, Long> item, Context context, Collector<String> out)
        throws Exception {
      Program.Call call =
          call(item.f0, item.f1, context.timestamp(), context.timerService(), out);
      call.side = text -> context.output(Item.SIDE, item.f0 + " " + text);
      program.run(program.actionsFor(input, item.f1), call);
    }

    @Override
    public void onTimer(long timeMs, OnTimerContext context, Collector<String> out)
        throws Exception {
      String key = context.getCurrentKey();
      out.collect(key + " timer " + context.timeDomain() + " " + timeMs);
      Program.Call call = call(key, 7, context.timestamp(), context.timerService(), out);
      call.side = text -> context.output(Item.SIDE, key + " " + text);
      boolean isEvent = context.timeDomain() == TimeDomain.EVENT_TIME;
      program.run(isEvent ? program.onEventTimer : program.onClockTimer, call);
    }
  }

  static final class Broadcast
      extends KeyedBroadcastProcessFunction<
          String, Tuple3<String, Long, Long>, Tuple3<String, Long, Long>, String> {
    private final Program program;

    Broadcast(Program program) {
      this.program = program;
    }

    @Override
    public void open(OpenContext context) {
      program.open(getRuntimeContext());
    }

    @Override
    public void processElement(
        Tuple3<String, Long, Long> item, ReadOnlyContext context, Collector<String> out)
        throws Exception {
      Program.Call call =
          call(item.f0, item.f1, context.timestamp(), context.timerService(), out);
      call.side = text -> context.output(Item.SIDE, item.f0 + " " + text);
      program.run(program.actionsFor(0, item.f1), call);
      ReadOnlyBroadcastState<Long, Long> rules = context.getBroadcastState(Program.RULES);
      out.collect(item.f0 + " rule " + rules.get(item.f1 % 3));
    }

    @Override
    public void processBroadcastElement(
        Tuple3<String, Long, Long> item, Context context, Collector<String> out)
        throws Exception {
      BroadcastState<Long, Long> rules = context.getBroadcastState(Program.RULES);
      for (String action : program.actionsFor(1, item.f1)) {
        switch (action) {
          case "rules.put":
            rules.put(item.f1 % 3, item.f1);
            break;
          case "rules.remove":
            rules.remove(item.f1 % 3);
            break;
          case "rules.clear":
            rules.clear();
            break;
          case "rules.all":
            Map<Long, Long> all = new TreeMap<>();
            rules.immutableEntries().forEach(rule -> all.put(rule.getKey(), rule.getValue()));
            out.collect("rules=" + Program.joined(all));
            break;
          case "keyed.show":
            Map<String, Long> shown = new TreeMap<>();
            context.applyToKeyedState(
                program.valueDescriptor(), (key, state) -> shown.put(key, state.value()));
            out.collect("keyed=" + shown);
            break;
          case "keyed.clear":
            context.applyToKeyedState(program.valueDescriptor(), (key, state) -> state.clear());
            break;
          default:
            context.output(
                Item.SIDE,
                "now " + context.currentProcessingTime()
                    + " watermark " + Item.timeText(context.currentWatermark()));
        }
      }
    }

    @Override
    public void onTimer(long timeMs, OnTimerContext context, Collector<String> out)
        throws Exception {
      String key = context.getCurrentKey();
      out.collect(key + " timer " + context.timeDomain() + " " + timeMs);
      Program.Call call = call(key, 7, context.timestamp(), context.timerService(), out);
      call.side = text -> context.output(Item.SIDE, key + " " + text);
      boolean isEvent = context.timeDomain() == TimeDomain.EVENT_TIME;
      program.run(isEvent ? program.onEventTimer : program.onClockTimer, call);
      out.collect(key + " rule " + context.getBroadcastState(Program.RULES).get(1L));
    }
  }
}
