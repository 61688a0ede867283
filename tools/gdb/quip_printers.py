"""Pretty printers of gdb for quip.

    (gdb) source PREFIX/share/quip/gdb/quip_printers.py
    (gdb) print value
    $1 = quip::Object {host: "example.org", tags: Array [1, 2]}

They read memory alone and call nothing in the program, so they also work on core files. What a
value has in it is known by the debug information of the engine; without that, they tell its type
and its address. Strings are cut, and objects shown to a small depth; see the limits below.
"""

import gdb
import gdb.printing

MOST_CHARACTERS = 100
MOST_ITEMS = 10
MOST_DEPTH = 2

# The tags of values, which are the same in quickjs-ng and Bellard's engine.
BIG_INT, SYMBOL, STRING, ROPE = -9, -8, -7, -6
MODULE, BYTECODE, OBJECT = -3, -2, -1
INT, BOOL, NULL, UNDEFINED, UNINITIALIZED = range(5)
CATCH_OFFSET, EXCEPTION, SHORT_BIG_INT, FLOAT64 = range(5, 9)
OTHER_TAGS = {
    NULL: "null",
    UNDEFINED: "undefined",
    UNINITIALIZED: "(uninitialized)",
    CATCH_OFFSET: "(catch offset)",
    EXCEPTION: "(exception)",
    MODULE: "(module)",
    BYTECODE: "(bytecode)",
}

HIDDEN_ATOM_KINDS = (2, 3)  # symbols and private names: their text is no property's name
INTEGER_ATOM = 1 << 31
KIND_OF_PROPERTY = 0x30  # JS_PROP_TMASK, in the flags of a shape's property


def engine_type(name):
    """A type of the engine's; None when there is no debug information."""
    try:
        return gdb.lookup_type("struct " + name)
    except gdb.error:
        return None


def at(address, type_):
    return gdb.Value(address).cast(type_.pointer()).dereference()


def address_of(pointer):
    return int(pointer.cast(gdb.lookup_type("unsigned long")))


def memory(address, size):
    return bytes(gdb.selected_inferior().read_memory(address, size)) if size else b""


def has_field(value, name):
    return any(field.name == name for field in value.type.strip_typedefs().fields())


def quoted(text):
    text = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return '"' + text + '"'


# ---- the engine's heap ---------------------------------------------------------------------------


def characters(address, type_):
    """The text of a JSString, and whether there is more of it."""
    string = at(address, type_)
    length = int(string["len"])
    wide = int(string["is_wide_char"])
    data = address + type_.sizeof
    if has_field(string, "kind"):  # quickjs-ng: a slice of another string, or kept elsewhere
        pointer = gdb.lookup_type("unsigned long")
        if int(string["kind"]) == 1:
            parent = int(at(data, pointer))
            data = parent + type_.sizeof + int(at(data + 8, gdb.lookup_type("unsigned int")))
        elif int(string["kind"]) == 2:
            data = int(at(data, pointer))
    elif has_field(string, "u"):
        data = address_of(string["u"]["str8"].address)
    shown = min(length, MOST_CHARACTERS)
    if wide:
        return memory(data, 2 * shown).decode("utf-16-le", "replace"), shown < length
    return memory(data, shown).decode("latin-1"), shown < length


def rope(address, type_):
    """The same of a concatenation that was not flattened; without recursion."""
    string = engine_type("JSString")
    left, text = [at(address, type_)], ""
    while left and len(text) <= MOST_CHARACTERS:
        node = left.pop()
        if node.type.strip_typedefs() == type_.strip_typedefs():
            left += [node["right"], node["left"]]
            continue
        target = address_of(node["u"]["ptr"])
        if int(node["tag"]) == ROPE:
            left.append(at(target, type_))
        else:
            text += characters(target, string)[0]
    return text[:MOST_CHARACTERS], bool(left) or len(text) > MOST_CHARACTERS


class Heap:
    """One JSRuntime, as far as its debug information goes."""

    def __init__(self, core):
        self.core = core
        self.string = engine_type("JSString")
        self.object = engine_type("JSObject")
        type_ = engine_type("JSRuntime")
        address = address_of(core["runtime"])
        self.runtime = at(address, type_) if type_ is not None and address else None
        self.is_known = None not in (self.string, self.object, self.runtime)

    def atom(self, atom):
        """The text of a property's name; None for a symbol."""
        if atom & INTEGER_ATOM:
            return str(atom & ~INTEGER_ATOM)
        address = address_of(self.runtime["atom_array"][atom])
        if int(at(address, self.string)["atom_type"]) in HIDDEN_ATOM_KINDS:
            return None
        return characters(address, self.string)[0]

    def class_name(self, object_):
        return self.atom(int(self.runtime["class_array"][int(object_["class_id"])]["class_name"]))

    def native_class(self, object_):
        """The C++ class of an instance of one; None for other objects."""
        core = self.core
        ids = ("instance_class", "callable_class", "exotic_class", "exotic_callable_class")
        if int(object_["class_id"]) not in [int(core[each]) for each in ids]:
            return None
        address = address_of(object_["u"]["opaque"])
        try:
            cell = at(address, gdb.lookup_type("quip::detail::Cell"))
        except gdb.error:
            return None
        if address == 0:
            return None
        name = cell["type"]["name"]
        return memory(address_of(name["_M_str"]), int(name["_M_len"])).decode()

    def properties(self, object_):
        """Names and values of the own properties that plainly have some."""
        shape = object_["shape"].dereference()
        entry = gdb.lookup_type("JSShapeProperty")
        if has_field(shape, "prop"):
            first = address_of(shape["prop"].address)
        else:  # quickjs-ng: behind the table of hashes
            first = address_of(shape["hash_table"].address) + 4 * (int(shape["prop_hash_mask"]) + 1)
        for i in range(int(shape["prop_count"])):
            named = at(first + i * entry.sizeof, entry)
            atom = int(named["atom"])
            if atom == 0 or int(named["flags"]) & KIND_OF_PROPERTY:
                continue
            name = self.atom(atom)
            if name is not None:
                yield name, object_["prop"][i]["u"]["value"]

    def show(self, value, depth=0):
        tag = int(value["tag"])
        if tag == INT:
            return str(int(value["u"]["int32"]))
        if tag == BOOL:
            return "true" if int(value["u"]["int32"]) else "false"
        if tag == FLOAT64:
            return repr(float(value["u"]["float64"]))
        if tag == SHORT_BIG_INT:
            return str(int(value["u"]["short_big_int"])) + "n"
        if tag in OTHER_TAGS:
            return OTHER_TAGS[tag]
        address = address_of(value["u"]["ptr"])
        if tag == BIG_INT:
            return "BigInt at 0x%x" % address
        if not self.is_known:
            kind = {OBJECT: "object", STRING: "string", ROPE: "string", SYMBOL: "symbol"}
            return "%s at 0x%x" % (kind.get(tag, "value"), address)
        if tag == OBJECT:
            return self.show_object(at(address, self.object), depth)
        if tag == SYMBOL:
            return "Symbol(" + characters(address, self.string)[0] + ")"
        if tag == ROPE:
            text, more = rope(address, engine_type("JSStringRope"))
        else:
            text, more = characters(address, self.string)
        return quoted(text) + ("..." if more else "")

    def show_object(self, object_, depth):
        name = self.class_name(object_)
        if name.endswith("Function") or name == "BoundFunction":
            own = dict(self.properties(object_)).get("name")
            is_named = own is not None and int(own["tag"]) == STRING
            return "function " + self.show(own).strip('"') if is_named else "function"
        name = self.native_class(object_) or name
        if depth >= MOST_DEPTH:
            return name
        if name == "Array" and int(object_["fast_array"]):
            count = int(object_["u"]["array"]["count"])
            values = object_["u"]["array"]["u"]["values"]
            items = [self.show(values[i], depth + 1) for i in range(min(count, MOST_ITEMS))]
            if count > MOST_ITEMS:
                items.append("... %d in all" % count)
            return "Array [" + ", ".join(items) + "]"
        items = []
        for key, value in self.properties(object_):
            if len(items) == MOST_ITEMS:
                items.append("...")
                break
            items.append(key + ": " + self.show(value, depth + 1))
        shown = "{" + ", ".join(items) + "}"
        return shown if name == "Object" else name + " " + shown


# ---- quip's handles ------------------------------------------------------------------------------


def realm_state(realm):
    """The heap of a realm, or why it cannot be looked at."""
    core = realm["core"]
    owner = address_of(realm["owner"])
    if owner == 0:
        return None, "empty"
    if address_of(core) != owner:
        return None, "of a context that is gone"
    return Heap(core.dereference()), None


class ValuePrinter:
    """A Value and what derives from it."""

    def __init__(self, value, name):
        self.handle = value["handle_"]
        self.name = name

    def to_string(self):
        heap, problem = realm_state(self.handle["realm_"].dereference())
        if problem is not None:
            return "%s (%s)" % (self.name, problem)
        shown = heap.show(self.handle["value_"])
        if heap.core["closing"]:
            shown += " (its runtime is destroyed)"
        return self.name + " " + shown


class ContextPrinter:
    def __init__(self, realm, name):
        self.realm = realm
        self.name = name

    def to_string(self):
        realm = self.realm.dereference()
        heap, problem = realm_state(realm)
        if problem is not None:
            return "%s (%s)" % (self.name, problem)
        count = int(realm["handles"])
        text = "%s of runtime 0x%x, with %d handles" % (
            self.name, address_of(heap.core["runtime"]), count)
        return text + (" (its runtime is destroyed)" if heap.core["closing"] else "")


class RuntimePrinter:
    def __init__(self, value):
        self.core = value["core_"]

    def to_string(self):
        if address_of(self.core) == 0:
            return "quip::Runtime (moved from)"
        text = "quip::Runtime 0x%x" % address_of(self.core["runtime"])
        try:
            state = self.core.cast(gdb.lookup_type("quip::detail::CoreState").pointer())
        except gdb.error:
            return text
        realm, contexts, handles = state["realms"], 0, 0
        while address_of(realm) != 0:
            contexts += 1
            handles += int(realm["handles"])
            realm = realm["next"]
        return text + " with %d contexts, %d handles" % (contexts, handles)


def std_string(value):
    """A std::string of libstdc++, also where its type is declared alone."""
    address = address_of(value.address)
    pointer = gdb.lookup_type("unsigned long")
    size = int(at(address + pointer.sizeof, pointer))
    shown = min(size, 10 * MOST_CHARACTERS)
    return memory(int(at(address, pointer)), shown).decode("utf-8", "replace")


class ErrorPrinter:
    def __init__(self, value):
        # a shared_ptr begins with its pointer
        address = address_of(value["data_"].address)
        self.data = int(at(address, gdb.lookup_type("unsigned long")))

    def to_string(self):
        try:
            data = at(self.data, gdb.lookup_type("quip::detail::ErrorData"))
        except gdb.error:
            return "quip::Error at 0x%x" % self.data
        name, message = std_string(data["name"]), std_string(data["message"])
        stack = std_string(data["stack"]).strip().split("\n")[0].strip()
        text = "quip::Error " + (name + ": " if name else "") + message
        return text + (" (%s)" % stack if stack else "")


class ResultPrinter:
    def __init__(self, value):
        self.value = value

    def to_string(self):
        name = str(self.value.type.strip_typedefs().unqualified())
        return name + (" of" if self.value["ok_"] else " without a value:")

    def children(self):
        if not self.value["ok_"]:
            yield "error", self.value["error_"]
        elif self.value.type.strip_typedefs().template_argument(0).code != gdb.TYPE_CODE_VOID:
            yield "value", self.value["value_"]


def derives_from(type_, name):
    if type_.code != gdb.TYPE_CODE_STRUCT:
        return False
    if type_.name == name:
        return True
    return any(derives_from(field.type.strip_typedefs(), name)
               for field in type_.fields() if field.is_base_class)


def find_printer(value):
    type_ = value.type
    if type_.code in (gdb.TYPE_CODE_REF, gdb.TYPE_CODE_RVALUE_REF):
        value = value.referenced_value()
        type_ = value.type
    type_ = type_.unqualified().strip_typedefs()
    name = type_.name
    if name is None or type_.code != gdb.TYPE_CODE_STRUCT:
        return None
    if name == "quip::Runtime":
        return RuntimePrinter(value)
    if name == "quip::Context":
        return ContextPrinter(value["handle_"]["realm_"], name)
    if name == "quip::Ctx":
        return ContextPrinter(value["realm_"], name)
    if name.startswith("quip::Result<"):
        return ResultPrinter(value)
    if derives_from(type_, "quip::Error"):
        return ErrorPrinter(value)
    if derives_from(type_, "quip::Value"):
        return ValuePrinter(value, name)
    return None


class Printers(gdb.printing.PrettyPrinter):
    def __init__(self):
        super().__init__("quip")

    def __call__(self, value):
        try:
            return find_printer(value)
        except gdb.error:
            return None  # its type is not known whole: as gdb shows it


gdb.printing.register_pretty_printer(None, Printers(), replace=True)
