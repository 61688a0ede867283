#include "class.hpp"

#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

void add_to(pybind11::module_& module) {
  pybind11::class_<Account>(module, "Account")
      .def(pybind11::init<std::string, double>())
      .def_property("owner", &Account::owner, &Account::set_owner)
      .def_property_readonly("balance", &Account::balance)
      .def("deposit", &Account::deposit)
      .def("withdraw", &Account::withdraw)
      .def("transfer", &Account::transfer)
      .def_property_readonly("isEmpty", &Account::is_empty)
      .def("compare", &Account::compare)
      .def("note", &Account::note)
      .def_property_readonly("notes", &Account::notes)
      .def_property_readonly("noteCount", &Account::note_count)
      .def("clearNotes", &Account::clear_notes)
      .def("describe", &Account::describe)
      .def("addInterest", &Account::add_interest)
      .def("setFlags", &Account::set_flags)
      .def_static("bank", &Account::bank)
      .def_readwrite("limit", &Account::limit)
      .def_readwrite("branch", &Account::branch)
      .def_readwrite("isOpen", &Account::is_open)
      .def_readwrite("isLocked", &Account::is_locked);
}
